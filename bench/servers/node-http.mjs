// Plain node:http with one shared buffer: the least that a server on Node can do.
import { createServer } from 'node:http';

const streams = new Set();

createServer((request, response) => {
  if (request.method === 'POST') {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const frame = Buffer.from(`data: ${body}\n\n`);
      for (const stream of streams) stream.write(frame);
      response.end('ok');
    });
    return;
  }
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
  response.write(':\n\n');
  streams.add(response);
  response.on('close', () => streams.delete(response));
}).listen(Number(process.env.PORT), '127.0.0.1');
