/** A hook of Node's module loader: who imports `node:test` gets collected.ts. */
interface Resolved {
  readonly url: string;
  readonly shortCircuit?: boolean;
}

export function resolve(
  specifier: string,
  context: unknown,
  nextResolve: (specifier: string, context: unknown) => Promise<Resolved>,
): Promise<Resolved> | Resolved {
  if (specifier !== 'node:test') return nextResolve(specifier, context);
  return { url: new URL('collected.js', import.meta.url).href, shortCircuit: true };
}
