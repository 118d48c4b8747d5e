/**
 * A real server under the checkers: `server.js KIND ADDRESS PORT [WORD]`; each request is a line of standard output.
 * WORD of an HTTP server: a status, what it answers, or a file with the status of each path in JSON (200 for the others).
 */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';

const [kind = '', address = '127.0.0.1', portText = '0', word = 'well'] = process.argv.slice(2);
const port = Number(portText);
const say = (text: string): void => void process.stdout.write(`${Date.now()} ${text}\n`);

let statuses: Record<string, number> = {};

function statusOf(path: string): number {
  if (!word.startsWith('/')) return /^\d{3}$/.test(word) ? Number(word) : 200;
  try {
    statuses = JSON.parse(readFileSync(word, 'utf8'));
  } catch {
    // It is just being written: the next request sees it.
  }
  return statuses[path] ?? 200;
}

switch (kind) {
  case 'http':
    createHttpServer((request, response) => {
      response.statusCode = statusOf(request.url ?? '');
      say(`${response.statusCode} ${request.method} ${request.url} ${request.headers.host ?? ''}`);
      response.end(word);
    }).listen(port, address, () => say('ready'));
    break;
  case 'smtp':
    createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('220 lab ESMTP\r\n');
      socket.on('data', (data) => {
        say(data.toString('latin1').trim());
        socket.write(/^quit/i.test(data.toString('latin1')) ? '221 bye\r\n' : '250 lab\r\n');
      });
    }).listen(port, address, () => say('ready'));
    break;
  case 'dns': {
    const socket = createSocket('udp4');
    socket.on('message', (question, from) => {
      const answer = Buffer.concat([
        question,
        Buffer.from('c00c00010001000000010004', 'hex'),
        Buffer.from([10, 0, 0, 1]),
      ]);
      answer.writeUInt16BE(0x8180, 2);
      answer.writeUInt16BE(1, 6);
      say('question');
      socket.send(answer, from.port, from.address);
    });
    socket.bind(port, address, () => say('ready'));
    break;
  }
  default:
    createServer((socket) => {
      socket.on('error', () => undefined);
      say('connection');
      socket.end();
    }).listen(port, address, () => say('ready'));
}
