/**
 * Does everything at once to a port that a stranger may do: `attack-page.js PORT SECONDS`. A thousand connections that say
 * nothing, slow headers, streams that are not read, garbage, and as many requests as the other side takes. Prints how
 * often each was tried.
 */
import { connect, type Socket } from 'node:net';

const [port = 0, seconds = 0] = process.argv.slice(2).map(Number);
const counts = { idle: 0, slow: 0, unread: 0, garbage: 0, asked: 0, answered: 0 };
const endMs = performance.now() + seconds * 1000;
const isOver = (): boolean => performance.now() > endMs;

function open(then: (socket: Socket) => void, closed: () => void): void {
  const socket = connect(port, '127.0.0.1', () => then(socket));
  socket.on('error', () => undefined);
  socket.once('close', () => {
    if (!isOver()) setTimeout(closed, 20);
  });
}

function idle(): void {
  counts.idle += 1;
  open(() => undefined, idle);
}

function slow(): void {
  counts.slow += 1;
  open((socket) => {
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n');
    const timer = setInterval(() => socket.write('X-Drip: 1\r\n'), 300);
    socket.once('close', () => clearInterval(timer));
  }, slow);
}

function unread(): void {
  counts.unread += 1;
  open((socket) => {
    socket.pause();
    socket.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  }, unread);
}

function garbage(): void {
  counts.garbage += 1;
  open((socket) => {
    const bytes = Buffer.alloc(3000);
    for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 7919 + counts.garbage * 104_729) >>> 3;
    socket.end(bytes);
  }, garbage);
}

function asking(): void {
  counts.asked += 1;
  open((socket) => {
    socket.once('data', () => {
      counts.answered += 1;
    });
    socket.write('GET /status.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  }, asking);
}

const times = (count: number, work: () => void): void => {
  for (let at = 0; at < count; at++) work();
};
times(1000, idle);
times(50, slow);
times(60, unread);
times(20, garbage);
times(10, asking);
setTimeout(() => {
  console.log(JSON.stringify(counts));
  process.exit(0);
}, seconds * 1000);
