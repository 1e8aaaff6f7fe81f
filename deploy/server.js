// Next's own start script, under another name, behind a look at the Node that runs it.

import './check-node.mjs';

await import('./next-server.js');
