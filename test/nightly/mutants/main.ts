export async function printMutants(_seeds: number): Promise<void> {}
