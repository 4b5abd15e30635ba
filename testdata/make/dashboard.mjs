// usage: node dashboard.mjs naive|diet|deflate OUTPUT_BASE [SECONDS [MILLISECONDS_PER_SECOND]]
//
// The live dashboard of the first tour: a WebSocket server and four viewers, two in browsers and two on walls, that
// run the client code of schemas/dashboard. All modes tell the same history. Writes OUTPUT_BASE.truth.json,
// OUTPUT_BASE.messages.ndjson.gz and OUTPUT_BASE.pictures.json (what each viewer showed, and when); `capture` beside
// this file records the packets.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import { alertAt, history } from './history.mjs';
import { Truth } from './truth.mjs';

const [mode, base, seconds = '180', pace = '1000'] = process.argv.slice(2);
const PORT = 8080;
const CLIENTS = new URL(mode === 'diet' ? '../../schemas/dashboard/diet/' : '../../schemas/dashboard/', import.meta.url);
const VIEWERS = ['web', 'wall', 'web', 'wall'];
const PANELS = { web: ['cpu', 'memory', 'requests', 'disks'], wall: ['cpu', 'memory'] };

const { Server, subscription } = await import(`./${mode}.mjs`);
const { onMessage: hear } = await import('../../schemas/dashboard/server.mjs');
const rows = history(Number(seconds));
const truth = new Truth(`${mode}.pcapng`, {
  ports: [PORT],
  description: {
    naive: 'a full snapshot every second to each of 4 viewers',
    diet: 'one snapshot, then every 5 s what moved by more than 5 %, only fields that are read; 4 viewers',
    deflate: 'the naive snapshots with a trace id in each, by permessage-deflate with context takeover; 4 viewers',
  }[mode],
});
const perMessageDeflate = mode === 'deflate' && { threshold: 0 };

const listener = new WebSocketServer({ host: '127.0.0.1', port: PORT, path: '/live', perMessageDeflate });
await once(listener, 'listening');
const server = new Server();
const sessions = [];

function say(socket, name, direction, message) {
  const text = JSON.stringify(message);
  truth.message(name, direction, text);
  socket.send(text);
}

listener.on('connection', (socket, request) => {
  const session = { socket, viewer: sessions.length, name: `${request.socket.remoteAddress}:${request.socket.remotePort}` };
  sessions.push(session);
  socket.on('pong', () => truth.count('pongs'));
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    hear(truth.watch('server', message.type, message), session);
    if (message.type !== 'subscribe') return;
    for (const answer of server.subscribed(rows[0], session.viewer)) say(socket, session.name, 's2c', answer);
  });
});

// Remembers what a viewer shows, so that the two modes can be held against each other.
function screen() {
  const pictures = [];
  return { pictures, draw: (picture) => pictures.push(picture), alert() {}, banner() {} };
}

async function connect(kind, index) {
  const { onMessage } = await import(new URL(`${kind}.mjs?${index}`, CLIENTS)); // a module instance per viewer
  const socket = new WebSocket(`ws://127.0.0.1:${PORT}/live`, {
    perMessageDeflate, headers: { Origin: 'https://dash.example.com' },
  });
  const view = screen();
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    onMessage(truth.watch(kind, message.type, message), view);
  });
  await once(socket, 'open');
  const name = `${socket._socket.localAddress}:${socket._socket.localPort}`;
  say(socket, name, 'c2s', subscription(PANELS[kind]));
  return { socket, view, name };
}

const viewers = [];
for (const [index, kind] of VIEWERS.entries()) viewers.push(await connect(kind, index));
await sleep(Number(pace) / 4);

for (const [second, now] of rows.entries()) {
  const due = sleep(Number(pace));
  for (const { socket, viewer, name } of sessions) {
    for (const message of server.tick(now, second, viewer)) say(socket, name, 's2c', message);
    const alert = alertAt(second, now.ts);
    if (alert) say(socket, name, 's2c', alert);
    if (second % 30 === 15) {
      truth.count('pings');
      socket.ping();
    }
  }
  if (second % 50 === 25) {
    for (const { socket, name } of viewers) say(socket, name, 'c2s', { type: 'ack', upTo: second });
  }
  await due;
}

for (const { socket } of viewers) {
  truth.count('closes');
  socket.close(1000);
  await once(socket, 'close');
}
listener.close();
const { messages, payload_bytes: bytes } = truth.write(base, {
  logical_seconds: rows.length, viewers: VIEWERS.length,
  ...(mode === 'diet' ? {} : { undeclared: ['ack'] }),
});
writeFileSync(`${base}.pictures.json`, JSON.stringify(viewers.map(({ view }) => view.pictures)));
console.error(`${mode}: ${messages} messages, ${bytes} payload bytes`);
