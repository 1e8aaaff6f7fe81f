import { createServer } from 'node:http';
import { Server } from 'socket.io';

const http = createServer(async (request, response) => {
  if (request.method !== 'POST') return;
  let body = '';
  for await (const chunk of request) body += chunk;
  io.emit('message', body);
  response.end('ok');
});
// WebSocket alone, and no compression: its fastest form.
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false, pingInterval: 300_000 });
http.listen(Number(process.env.PORT), '127.0.0.1');
