/** Whether everything that is tracked is defined, and with which weight. */
import { likelyMeant } from '../nearest.js';
import { shown } from '../problems.js';
import type { VrrpTrack, VrrpTracking } from '../vrrp-types.js';
import type { Draft, DraftTracking } from './draft.js';

const DEFINED_BY = { script: 'vrrp_script', process: 'vrrp_track_process', file: 'vrrp_track_file' } as const;

/** The entries whose scripts, programs and files are defined; the others are told. */
export function finishTracking(draft: DraftTracking, file: Draft): VrrpTracking {
  const known = { script: file.scripts, process: file.processes, file: file.files };
  for (const { kind, at } of draft.named) {
    if (kind === 'interface') continue;
    const names = known[kind].map(({ name }) => name);
    if (names.includes(at.keyword.text)) continue;
    const meant = likelyMeant(at.keyword.text, names);
    const message = `track_${kind} names ${shown(at.keyword.text)}, and no ${DEFINED_BY[kind]} of that name is defined.`;
    const hint =
      meant === undefined
        ? `Add "${DEFINED_BY[kind]} ${at.keyword.text} { ... }".`
        : `Did you mean ${meant}?`;
    at.problems.error(at, 'track-unknown', message, hint);
  }
  return {
    interfaces: draft.interfaces.map((track) => weighted(track, undefined)),
    scripts: complete(draft.scripts, file.scripts),
    processes: complete(draft.processes, file.processes),
    files: complete(draft.files, file.files),
  };
}

interface Definition {
  readonly name: string;
  readonly weight: number;
  readonly reverse: boolean;
}

function complete(tracks: readonly VrrpTrack[], definitions: readonly Definition[]): VrrpTrack[] {
  return tracks.flatMap((track) => {
    const definition = definitions.find(({ name }) => name === track.name);
    return definition === undefined ? [] : [weighted(track, definition)];
  });
}

/** The weight of the entry, or else that of the definition. */
function weighted(track: VrrpTrack, definition: Definition | undefined): VrrpTrack {
  if (!Number.isNaN(track.weight)) return track;
  return {
    ...track,
    weight: definition?.weight ?? 0,
    reverse: track.reverse || (definition?.reverse ?? false),
  };
}
