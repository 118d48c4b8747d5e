/** The small web page of the demonstration: answers on port 80 with the name of the machine it runs on. */
import { createServer } from 'node:http';
import { hostname } from 'node:os';

createServer((_request, response) => {
  response.setHeader('connection', 'close');
  response.end(`<!doctype html><title>${hostname()}</title><p>This page comes from ${hostname()}.\n`);
}).listen(80, '0.0.0.0');
