/**
 * An Ethernet switch in this process: the guests' network cards are connected to it by TCP on loopback (QEMU's
 * `-netdev socket`: each frame behind its length in four bytes). It can cut a guest off, and asks and hears ARP as a
 * client on the network would.
 */
import { createServer, type Server, type Socket } from 'node:net';

const ARP_REPLY = 2;
const ASKING_MAC = Buffer.from('02000000fe01', 'hex');
const ASKING_IP = [10, 99, 0, 250];

export interface Port {
  /** TCP port on 127.0.0.1 for `-netdev socket,connect=`. */
  readonly tcpPort: number;
  /** Frames are dropped both ways while it is false. */
  plugged: boolean;
  /** Frames of this guest are lost, what is sent to it arrives: one-way loss. */
  mute: boolean;
}

interface OpenPort extends Port {
  readonly server: Server;
  readonly name: string;
  socket: Socket | undefined;
}

/** Somebody said that an address is at its hardware address. */
export interface ArpAnswer {
  /** performance.now() of this process. */
  readonly atMs: number;
  /** Name of the port over which it came. */
  readonly from: string;
  readonly address: string;
}

export class VirtualSwitch {
  readonly #ports: OpenPort[] = [];
  /** Every ARP reply and announcement that was sent by a guest, in order. */
  readonly heard: ArpAnswer[] = [];

  /** A new socket of the switch; `name` appears in what is heard over it. */
  async port(name: string): Promise<Port> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the switch has no port');
    const port: OpenPort = {
      name,
      server,
      tcpPort: address.port,
      plugged: true,
      mute: false,
      socket: undefined,
    };
    server.on('connection', (socket) => this.#connected(port, socket));
    this.#ports.push(port);
    return port;
  }

  #connected(port: OpenPort, socket: Socket): void {
    port.socket?.destroy();
    port.socket = socket;
    socket.setNoDelay(true);
    let rest: Buffer = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (port.socket === socket) port.socket = undefined;
    });
    socket.on('data', (chunk: Buffer) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      while (rest.length >= 4) {
        const length = rest.readUInt32BE(0);
        if (rest.length < 4 + length) break;
        this.#frame(port, rest.subarray(4, 4 + length));
        rest = rest.subarray(4 + length);
      }
    });
  }

  #frame(from: OpenPort, frame: Buffer): void {
    if (!from.plugged || from.mute) return;
    this.#listen(from, frame);
    for (const port of this.#ports) if (port !== from) this.#send(port, frame);
  }

  #send(port: OpenPort, frame: Buffer): void {
    if (!port.plugged || port.socket === undefined) return;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(frame.length);
    port.socket.write(Buffer.concat([length, frame]));
  }

  #listen(from: OpenPort, frame: Buffer): void {
    if (frame.length < 42 || frame.readUInt16BE(12) !== 0x0806) return;
    const sender = [...frame.subarray(28, 32)].join('.');
    const target = [...frame.subarray(38, 42)].join('.');
    const isAnswer = frame.readUInt16BE(20) === ARP_REPLY || sender === target;
    if (isAnswer) this.heard.push({ atMs: performance.now(), from: from.name, address: sender });
  }

  /** Asks once who has the IPv4 address; answers appear in `heard`. */
  ask(address: string): void {
    const frame = Buffer.alloc(60);
    Buffer.from('ffffffffffff', 'hex').copy(frame, 0);
    ASKING_MAC.copy(frame, 6);
    frame.writeUInt16BE(0x0806, 12);
    Buffer.from([0, 1, 8, 0, 6, 4, 0, 1]).copy(frame, 14);
    ASKING_MAC.copy(frame, 22);
    Buffer.from(ASKING_IP).copy(frame, 28);
    Buffer.from(address.split('.').map(Number)).copy(frame, 38);
    for (const port of this.#ports) this.#send(port, frame);
  }

  /** Asks every `everyMs` until the returned function is called. */
  askEvery(address: string, everyMs: number): () => void {
    const timer = setInterval(() => this.ask(address), everyMs);
    return () => clearInterval(timer);
  }

  close(): void {
    for (const port of this.#ports) {
      port.socket?.destroy();
      port.server.close();
    }
  }
}

/** A null-modem cable between two emulated UARTs: two TCP ports whose bytes go to each other. */
export class SerialCable {
  readonly #ends: { readonly server: Server; readonly tcpPort: number; socket: Socket | undefined }[] = [];
  /** False: what is sent is lost. */
  plugged = true;

  /** Both ends listen on 127.0.0.1; for `-serial tcp:127.0.0.1:PORT`. */
  static async create(): Promise<SerialCable> {
    const cable = new SerialCable();
    for (const at of [0, 1]) {
      const server = createServer((socket) => cable.#connected(at, socket));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('the cable has no port');
      cable.#ends.push({ server, tcpPort: address.port, socket: undefined });
    }
    return cable;
  }

  /** TCP port of an end, 0 or 1. */
  tcpPort(end: 0 | 1): number {
    return this.#ends[end]?.tcpPort ?? 0;
  }

  #connected(at: number, socket: Socket): void {
    const own = this.#ends[at];
    if (own === undefined) return;
    own.socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (own.socket === socket) own.socket = undefined;
    });
    socket.on('data', (chunk: Buffer) => {
      if (this.plugged) this.#ends[1 - at]?.socket?.write(chunk);
    });
  }

  close(): void {
    for (const { server, socket } of this.#ends) {
      socket?.destroy();
      server.close();
    }
  }
}
