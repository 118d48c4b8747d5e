/** Runs inside a lab machine: sends lines of hex as UDP datagrams. Arguments: ADDRESS PORT PACKETS-PER-SECOND; standard input: hex lines. */
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';

const [address = '', port = '694', perSecond = '1000'] = process.argv.slice(2);
const packets: Buffer[] = [];
for await (const line of createInterface({ input: process.stdin }))
  packets.push(Buffer.from(line.trim(), 'hex'));

const socket = createSocket('udp4');
await new Promise<void>((ready) => socket.bind(0, () => ready()));
socket.setBroadcast(true);
const batch = Math.max(1, Math.round(Number(perSecond) / 100));
let next = 0;
const timer = setInterval(() => {
  for (let sent = 0; sent < batch; sent++) {
    const packet = packets[next++];
    if (packet === undefined) {
      clearInterval(timer);
      socket.close();
      return;
    }
    socket.send(packet, Number(port), address);
  }
}, 10);
