/** What a fence agent says of itself (action=metadata, heartbeat-admin.md 6.5), as far as a check needs it. */
export interface AgentMetadata {
  /** Names of options, also old ones; `-` as `_`. */
  readonly options: readonly string[];
  readonly actions: readonly string[];
}

const canonical = (name: string): string => name.replaceAll('-', '_');

/** Reads the XML; undefined when it is none of an agent. */
export function parseMetadata(xml: string): AgentMetadata | undefined {
  if (!/<resource-agent\s/.test(xml)) return undefined;
  const names = (element: string): string[] =>
    [...xml.matchAll(new RegExp(`<${element}\\s+name="([\\w-]+)"`, 'g'))].map((match) =>
      canonical(match[1] ?? ''),
    );
  const older = [...xml.matchAll(/obsoletes="([\w-]+)"/g)].map((match) => canonical(match[1] ?? ''));
  return { options: [...names('parameter'), ...older], actions: names('action') };
}

/** Options that the agent does not know: it would pass over them with a warning that nobody sees. */
export function unknownOptions(metadata: AgentMetadata, options: Iterable<string>): string[] {
  return [...options].filter((name) => !metadata.options.includes(canonical(name)));
}
