/** The steps of `heartbeat push`, with the way to the peers given: nothing changes anywhere before all of them agreed. */
import { mergeHaCf } from '../config/file-digests.js';
import {
  CHECK_INVALID,
  CHECK_NO_ORDER,
  checkScript,
  cleanupScript,
  installScript,
  PUSHED_FILES,
  type PushedFile,
  prepareScript,
  reloadScript,
  rollbackScript,
  uploadScript,
} from './push-scripts.js';

export interface RemoteEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PushParts {
  /** Letters and digits, new for each push. */
  readonly id: string;
  readonly peers: readonly string[];
  /** Our own files; an absent one is empty. */
  readonly files: Readonly<Record<PushedFile, string>>;
  /** Runs shell text on a node; never rejects. 255: the node was not reached, as ssh has it. */
  readonly remote: (node: string, script: string, input: string) => Promise<RemoteEnd>;
  readonly say: (sentence: string) => void;
}

/** One sentence of what went wrong, after everything was put back. */
export type PushOutcome = { readonly ok: true } | { readonly ok: false; readonly sentence: string };

interface Staged {
  readonly node: string;
  readonly order: readonly PushedFile[];
}

/** Pushes to all peers or to none. */
export async function push(parts: PushParts): Promise<PushOutcome> {
  const { id, peers, remote, say } = parts;
  const staged: Staged[] = [];
  const outcome = await stageAll(parts, staged).then((sentence) => sentence ?? installAll(parts, staged));
  if (outcome === undefined) {
    for (const { node, order } of staged) {
      say(
        order.length === 0
          ? `${node}: its files are the same already.`
          : `${node}: ${order.join(', ')} in place.`,
      );
    }
  }
  for (const node of peers) await remote(node, cleanupScript(id), '');
  return outcome === undefined ? { ok: true } : { ok: false, sentence: outcome };
}

/** Fills `staged`; a sentence when a peer cannot be reached or does not accept the files. */
async function stageAll(parts: PushParts, staged: Staged[]): Promise<string | undefined> {
  const { id, peers, files, remote } = parts;
  for (const node of peers) {
    const prepared = await remote(node, prepareScript(id), '');
    if (prepared.code !== 0)
      return `${node} cannot be prepared: ${reason(prepared)}. Nothing was changed anywhere.`;
    const own = { ...files, 'ha.cf': mergeHaCf(files['ha.cf'], prepared.stdout) };
    for (const file of PUSHED_FILES) {
      const bytes = Buffer.byteLength(own[file]);
      const sent = await remote(node, uploadScript(id, file, bytes), own[file]);
      if (sent.code !== 0)
        return `${file} did not reach ${node}: ${reason(sent)}. Nothing was changed anywhere.`;
    }
    const judged = await remote(node, checkScript(id), '');
    if (judged.code === CHECK_INVALID)
      return `${node} does not accept the files, nothing was changed anywhere:\n${judged.stderr.trimEnd()}`;
    if (judged.code === CHECK_NO_ORDER) {
      const remedy = 'push the change in two steps that are each valid';
      return `On ${node} there is no order of the files in which every state between is valid; nothing was changed anywhere: ${remedy}.`;
    }
    if (judged.code !== 0)
      return `${node} cannot judge the files: ${reason(judged)}. Nothing was changed anywhere.`;
    const words = judged.stdout.split(/\s+/);
    const order = words.flatMap((word) => PUSHED_FILES.find((file) => file === word) ?? []);
    staged.push({ node, order });
  }
  return undefined;
}

/** Puts in place on one peer after the other, then reloads; takes all back when one fails. */
async function installAll(parts: PushParts, staged: readonly Staged[]): Promise<string | undefined> {
  const { id, remote } = parts;
  const touched: Staged[] = [];
  for (const peer of staged.filter(({ order }) => order.length > 0)) {
    touched.push(peer);
    const installed = await remote(peer.node, installScript(id, peer.order), '');
    if (installed.code !== 0)
      return await takeBack(parts, touched, `${peer.node}: ${reason(installed)}`, false);
  }
  for (const peer of touched) {
    const reloaded = await remote(peer.node, reloadScript(id), '');
    if (reloaded.code !== 0)
      return await takeBack(parts, touched, `${peer.node} did not reload: ${reason(reloaded)}`, true);
  }
  return undefined;
}

async function takeBack(
  { id, remote }: PushParts,
  touched: readonly Staged[],
  why: string,
  reload: boolean,
): Promise<string> {
  const stuck: string[] = [];
  for (const { node, order } of [...touched].reverse()) {
    const back = await remote(node, rollbackScript(id, order), '');
    if (back.code !== 0) stuck.push(node);
    else if (reload) await remote(node, reloadScript(id), '');
  }
  if (stuck.length === 0) return `${why}. Everything was put back as it was.`;
  const names = stuck.join(', ');
  return `${why}. Put back everywhere but on ${names}: its former files are in backup/ of its configuration directory.`;
}

function reason({ code, stderr }: RemoteEnd): string {
  const text = stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  if (code === 255) return text === '' ? 'it cannot be reached' : text;
  return text === '' ? `exit status ${code}` : text;
}
