import { createServer } from 'node:http';
import { createChannel, createSession } from 'better-sse';

const channel = createChannel();

createServer(async (request, response) => {
  if (request.method === 'POST') {
    let body = '';
    for await (const chunk of request) body += chunk;
    channel.broadcast(body, 'message');
    response.end('ok');
    return;
  }
  channel.register(await createSession(request, response, { keepAlive: null }));
}).listen(Number(process.env.PORT), '127.0.0.1');
