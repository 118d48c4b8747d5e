/**
 * `notify-listener.js NAME`: the other end of NOTIFY_SOCKET. Binds the local datagram socket NAME ("@abstract" or a
 * path) and prints "listening", then each datagram as one JSON string a line, until it is ended.
 */
import koffi from 'koffi';

const libc = koffi.load(null);
const socket = libc.func('int socket(int domain, int type, int protocol)');
const bind = libc.func('int bind(int fd, const void *address, uint32_t length)');
const recv = libc.func('intptr_t recv(int fd, _Out_ void *bytes, size_t length, int flags)');

const POLL_MS = 5;

const [name = ''] = process.argv.slice(2);
const text = name.startsWith('@') ? `\0${name.slice(1)}` : `${name}\0`;
const address = Buffer.concat([Buffer.from([1, 0]), Buffer.from(text, 'latin1')]);
const fd = socket(1, 2 | 0x800, 0) as number;
if (bind(fd, address, address.length) !== 0) throw new Error(`${name} cannot be bound`);
process.stdout.write('listening\n');
const buffer = Buffer.alloc(8192);
setInterval(() => {
  for (;;) {
    const length = Number(recv(fd, buffer, buffer.length, 0x40));
    if (length < 0) return;
    process.stdout.write(`${JSON.stringify(buffer.toString('utf8', 0, length))}\n`);
  }
}, POLL_MS);
