/** `name=value` words of a device's parameters; words of another form are not options. The last value of a name counts. */
export function keyValues(parameters: string): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const word of parameters.split(/\s+/)) {
    const match = /^([A-Za-z_][A-Za-z0-9_-]*)=(.*)$/.exec(word);
    if (match?.[1] !== undefined) options.set(match[1], match[2] ?? '');
  }
  return options;
}
