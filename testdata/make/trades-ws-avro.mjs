// usage: node trades-ws-avro.mjs OUTPUT_BASE
//
// A trading floor in Avro over WebSocket: on /trades each message names its schema by fingerprint (single-object encoding),
// on /book messages are plain, so that only the channel tells their schema. npm `avsc` encodes, npm `ws` sends;
// `capture-trades` beside this file records the packets. Writes OUTPUT_BASE.truth.json.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import avro from 'avsc';
import WebSocket, { WebSocketServer } from 'ws';
import { AvroTruth, fingerprint } from './truth-avro.mjs';

const [base] = process.argv.slice(2);
const PORT = 8096;
const TICKS = 60;
const captures = new URL('../captures/', import.meta.url);
const schemas = JSON.parse(readFileSync(new URL('trades-ws-avro.avsc', captures)));
const book = JSON.parse(readFileSync(new URL('trades-ws-avro.book.avsc', captures)));
const types = new Map([...schemas, book].map((schema) => [schema.name.split('.').at(-1), avro.Type.forSchema(schema, { wrapUnions: true })]));
const truth = new AvroTruth('trades-ws-avro.pcapng', {
  type_rule: 'name of the Avro record', ports: [PORT], description: 'trades and quotes in Avro: single-object encoding, and plain',
});

const SYMBOLS = ['ACME', 'GLOBEX', 'INITECH'];
const id = (n) => createHash('sha256').update(`trade ${n}`).digest();

const trade = (n) => ({
  id: id(n).toString('hex').slice(0, 12), symbol: SYMBOLS[n % 3], price: 100 + (n * 37 % 50) / 8, qty: 10 * (1 + n % 4), side: n % 2 ? 'SELL' : 'BUY',
  at: 1772528400000 + n * 250, account: { owner: 'Nadia Fox', email: 'nadia.fox@example.com', desk: null }, note: n % 10 ? null : { string: `block ${n}` },
});
const quote = (n) => ({ symbol: SYMBOLS[n % 3], bid: { double: 99.5 + n % 5 }, ask: n % 7 ? { double: 100.5 + n % 5 } : null, halted: n % 20 === 19 });
const levels = (n, step) => Array.from({ length: n % 4 }, (_, i) => ({ px: 100 + step * (i + 1), qty: 5 * (i + 1) + n }));
const depth = (n) => ({
  seq: n, venue: 'XNAS', bids: levels(n, -0.25), asks: levels(n + 1, 0.25), totals: { bid: n * 5, ask: 40 }, digest: id(n).subarray(0, 8),
  flags: n % 3 ? Buffer.alloc(0) : Buffer.from([n]),
});

const single = (type, value) => Buffer.concat([Buffer.from([0xc3, 0x01]), fingerprint(type), type.toBuffer(value)]);
const plain = (type, value) => type.toBuffer(value);

function say(socket, connection, direction, name, value, encode) {
  const type = types.get(name);
  const body = encode(type, value);
  truth.avro(connection, direction, name, type, value, body.length);
  socket.send(body);
}

const server = new WebSocketServer({ host: '127.0.0.1', port: PORT, perMessageDeflate: false });
let connections = 0;
server.on('connection', async (socket, request) => {
  const connection = `${request.url} ${connections++}`;
  socket.on('close', () => truth.count('closes'));
  for (let n = 0; n < TICKS; n++) {
    if (request.url === '/book') say(socket, connection, 's2c', 'Book', depth(n), plain);
    else say(socket, connection, 's2c', n % 3 ? 'Quote' : 'Trade', n % 3 ? quote(n) : trade(n), single);
    await sleep(5);
  }
  socket.close();
});
await once(server, 'listening');

async function listen(path, isSubscribing, number) {
  const socket = new WebSocket(`ws://127.0.0.1:${PORT}${path}`, { perMessageDeflate: false });
  await once(socket, 'open');
  if (isSubscribing) say(socket, `client ${number}`, 'c2s', 'Subscribe', { symbols: SYMBOLS.slice(number), since: number }, single);
  await once(socket, 'close');
}

await Promise.all([listen('/trades', true, 0), listen('/trades', true, 1), listen('/book', false, 2)]);
await new Promise((done) => { server.close(done); });
await sleep(50); // until the last socket has told that it closed
const { messages, payload_bytes: bytes } = truth.write(base, {});
console.error(`trades-ws-avro: ${messages} messages, ${bytes} payload bytes`);
