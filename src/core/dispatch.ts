/** Routes a decoded message of a peer to the part that it concerns (heartbeat-protocol.md 7.2 and section 6). */
import { binaryOf, type Message, text, textOf } from '../wire/message.js';
import { receiveAck } from './heartbeat/acks.js';
import { hexNumber } from './heartbeat/numbers.js';
import { generationOf, judgeSequence } from './heartbeat/receive.js';
import { answerRetransmission, giveUpMissing } from './heartbeat/retransmit.js';
import { sendSequenced } from './heartbeat/send.js';
import { armLease } from './membership/lease.js';
import { refreshLink } from './membership/links.js';
import { admitStatus, handleStatus } from './membership/peer-status.js';
import { answerNodes, joinCommunication, receiveNodes } from './membership/startup.js';
import type { Peer } from './membership/state.js';
import { receiveResource, receiveStarting, settleEarly } from './resources/agreement.js';
import { judgeCarriers } from './resources/carrier.js';
import { isForFormerRun } from './resources/claims.js';
import { receiveCleanup } from './resources/failures.js';
import { receiveIpRequest, receiveIpResponse, resumeLegacy } from './resources/legacy.js';
import { hearMaintenance } from './resources/maintenance.js';
import { reconcile } from './resources/reconcile.js';
import { receiveShutdone } from './resources/shutdown.js';
import { receiveAsk, receiveTakeoverRequest } from './resources/standby.js';
import { log, type Turn } from './turn.js';
import { receiveHandover } from './witness/handover.js';

/** One authenticated message from one link. */
export function receiveMessage(turn: Turn, link: string, message: Message): void {
  const { config, peers } = turn.state;
  const type = textOf(message, 't');
  const source = textOf(message, 'src');
  const timestamp = hexNumber(textOf(message, 'ts'));
  if (type === undefined || source === undefined || timestamp === undefined || timestamp === 0) return;
  if (source === config.self) {
    hearOurName(turn, link, binaryOf(message, 'srcuuid'));
    return;
  }
  const peer = peers.get(source);
  if (peer === undefined) {
    hearStranger(turn, link);
    return;
  }
  if (type.startsWith('NS_')) {
    receiveUnsequenced(turn, peer, type, message);
    return;
  }
  receiveSequenced(turn, peer, link, type, message);
}

function isSerial(turn: Turn, link: string): boolean {
  return turn.state.config.media.some((medium) => medium.kind === 'serial' && medium.device === link);
}

/** Networks give a broadcast back to its sender; a cable must not. */
function hearOurName(turn: Turn, link: string, uuid: string | undefined): void {
  const { config, identity } = turn.state;
  if (uuid !== undefined && uuid !== identity.uuid) {
    const sentence = `another machine on ${link} calls itself ${config.self}: every node needs its own name.`;
    log(turn, 'error', 'same-name', sentence);
  } else if (isSerial(turn, link)) {
    const sentence = `the serial line ${link} leads back to this node: a loop plug, a cable between two of our own ports, or an echo at the other end (login prompt).`;
    log(turn, 'warn', 'serial-loopback', sentence);
  }
}

function hearStranger(turn: Turn, link: string): void {
  if (isSerial(turn, link)) {
    const sentence = `the cable at ${link} leads to a node that is not in ha.cf: is it plugged into a machine of another cluster?`;
    log(turn, 'warn', 'serial-wrong-cluster', sentence);
    return;
  }
  const sentence = `a node that is not in ha.cf is heard on ${link}: its messages are dropped.`;
  log(turn, 'warn', 'unknown-node', sentence);
}

function receiveUnsequenced(turn: Turn, peer: Peer, type: string, message: Message): void {
  if (peer.tracking.generation === 0 || peer.lastStatusMs === null) return;
  if (type === 'NS_ackmsg') receiveAck(turn, peer, message);
  else if (type === 'NS_rexmit') answerRetransmission(turn, peer, message);
  else if (type === 'NS_nak_rexmit') giveUpMissing(turn, peer, message);
}

function receiveSequenced(turn: Turn, peer: Peer, link: string, type: string, message: Message): void {
  const seq = hexNumber(textOf(message, 'seq'));
  if (seq === undefined || seq === 0) return;
  const generation = generationOf(message);
  if (generation < peer.tracking.generation) {
    log(
      turn,
      'warn',
      'replay',
      `a message of an earlier run of ${peer.name} was heard on ${link}: possibly a replay, dropped.`,
    );
    return;
  }
  const isStatus = type === 'status';
  if (isStatus && !admitStatus(turn, peer, generation, seq)) return;
  // Nothing but a status begins the acquaintance with a run of a peer.
  if (
    !isStatus &&
    (peer.lastStatusMs === null || generation > peer.tracking.generation || peer.status === 'dead')
  )
    return;

  rememberUuid(turn, peer, message);
  const verdict = judgeSequence(turn, peer, seq);
  if (verdict === 'drop') return;
  refreshLink(turn, peer, link, seq, isStatus);
  if (verdict === 'duplicate' || !addressedToUs(turn, message)) return;
  if (isStatus) {
    handleStatus(turn, peer, message, seq);
    armLease(turn, peer);
    if (peer.extraSeq === seq) hearMaintenance(turn, peer);
    judgeCarriers(turn);
    joinCommunication(turn);
    settleEarly(turn);
    if (peer.extraSeq === seq) reconcile(turn, peer);
    else if (peer.extra === undefined) resumeLegacy(turn, peer);
    return;
  }
  handleRequest(turn, peer, type, message, seq);
}

function rememberUuid(turn: Turn, peer: Peer, message: Message): void {
  const uuid = binaryOf(message, 'srcuuid');
  if (uuid === undefined || uuid.length !== 32 || uuid === peer.uuid) return;
  if (peer.uuid !== undefined) log(turn, 'warn', 'uuid-changed', `node ${peer.name} has a new uuid.`);
  peer.uuid = uuid;
}

function addressedToUs(turn: Turn, message: Message): boolean {
  const destination = textOf(message, 'dest');
  return destination === undefined || destination === turn.state.config.self;
}

/** Whether a client is signed on here: none is, as far as the cluster is concerned (heartbeat-protocol.md 15.3). */
function answerClientQuestion(turn: Turn, peer: Peer, message: Message): void {
  const client = textOf(message, 'cn');
  const asker = textOf(message, 'from_id');
  if (textOf(message, 'dest') !== turn.state.config.self || client === undefined || asker === undefined)
    return;
  const own = [text('dest', peer.name), text('result', 'OK'), text('cn', client), text('to_id', asker)];
  sendSequenced(turn, 'respond-cstatus', [...own, text('cs', 'offline')], peer);
}

/** What the runner answers itself (daemon/drbd). Both name their addressee, as dopd does. */
function handToClient(turn: Turn, peer: Peer, type: string, message: Message): void {
  if (textOf(message, 'dest') !== turn.state.config.self) return;
  const own = message.fields.flatMap((field) => (field.type === 0 ? [[field.name, field.value]] : []));
  turn.effects.push({ kind: 'clientMessage', type, from: peer.name, fields: Object.fromEntries(own) });
}

/** Words of a handshake between two runs: they move services. */
const HANDSHAKES = new Set(['ask_resources', 'hb_takeover', 'ip-request-resp']);

function handleRequest(turn: Turn, peer: Peer, type: string, message: Message, seq: number): void {
  // What it says about resources is said once: a loop process that is started anew has to know it.
  turn.state.checkpointDue = true;
  if (HANDSHAKES.has(type) && isForFormerRun(peer, seq)) {
    log(turn, 'debug', 'former-run', `${peer.name} said it to an earlier run of this node: ignored.`);
    return;
  }
  switch (type) {
    case 'reqnodes':
      answerNodes(turn, peer, message);
      return;
    case 'repnodes':
      receiveNodes(turn, peer, message);
      return;
    case 'starting':
      receiveStarting(turn, peer);
      settleEarly(turn);
      return;
    case 'resource':
      receiveResource(turn, peer, message);
      return;
    case 'ask_resources':
      receiveAsk(turn, peer, message, seq);
      return;
    case 'query-cstatus':
      answerClientQuestion(turn, peer, message);
      return;
    case 'hb_takeover':
      receiveTakeoverRequest(turn, peer, message);
      return;
    case 'ip-request':
      receiveIpRequest(turn, peer, message);
      return;
    case 'ip-request-resp':
      receiveIpResponse(turn, peer, message, seq);
      return;
    case 'hb_cleanup':
      receiveCleanup(turn, peer, message, seq);
      return;
    case 'start_outdate':
    case 'outdate_rc':
      handToClient(turn, peer, type, message);
      return;
    case 'shutdone':
      receiveShutdone(turn, peer, message, seq);
      return;
    default:
      // Messages of API clients and informational ones (stonith) need no answer.
      receiveHandover(turn, peer, type, message);
      return;
  }
}
