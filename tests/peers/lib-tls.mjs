// usage, inside a network namespace: node lib-tls.mjs suites12|suites13|aria|again|events|openssl BASE
// Plays the peers of tls.mjs, records BASE.pcapng with the keys in BASE.keylog, and writes what was said to BASE.truth.json.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { WebSocket, WebSocketServer } from 'ws';

const [kind, base] = process.argv.slice(2);
const truth = { messages: 0, payload_bytes: 0, channels: {}, connections: 0, resumed: 0, refused: [], app_bytes: 0 };
const keylog = [];

function said(channel, direction, text) {
  const sum = (truth.channels[`${channel} ${direction}`] ??= { count: 0, bytes: 0 });
  const bytes = Buffer.byteLength(text);
  sum.count++;
  sum.bytes += bytes;
  truth.messages++;
  truth.payload_bytes += bytes;
}

function certify(name, ...key) {
  spawnSync('openssl', ['req', '-x509', '-newkey', ...key, '-nodes', '-subj', '/CN=localhost', '-days', '2',
    '-keyout', `${base}-${name}.key`, '-out', `${base}-${name}.crt`], { stdio: 'ignore' });
  return { key: readFileSync(`${base}-${name}.key`), cert: readFileSync(`${base}-${name}.crt`) };
}
const rsa = certify('rsa', 'rsa:2048');
const ecdsa = certify('ecdsa', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1');

const SIZES = [1, 20, 300, 1500, 16384, 40000];
const body = (i) => JSON.stringify({ type: 'tick', seq: i, text: 'x'.repeat(SIZES[i % SIZES.length]) });

function serverOptions(version, suite) {
  const isAnonymous = /^AE?C?DH-/.test(suite);
  const ciphers = version === 'TLSv1.3' ? suite.toUpperCase() : `${suite.toUpperCase()}:@SECLEVEL=0`;
  const certificates = isAnonymous ? {} : { key: [rsa.key, ecdsa.key], cert: [rsa.cert, ecdsa.cert] };
  return { ...certificates, ciphers, minVersion: version, maxVersion: version, dhparam: 'auto' };
}

async function connect(url, options) {
  const client = new WebSocket(url, { rejectUnauthorized: false, perMessageDeflate: false, ...options });
  const failed = once(client, 'error').then(([error]) => { throw error; });
  failed.catch(() => {});
  await Promise.race([once(client, 'open'), failed]);
  return client;
}

async function exchange(listener, url, channel, options) {
  const arriving = once(listener, 'connection');
  const client = await connect(url, options);
  const [server] = await arriving;
  truth.connections++;
  let missing = 2 * SIZES.length;
  const arrived = new Promise((resolve) => {
    for (const socket of [server, client]) socket.on('message', () => { if (--missing === 0) resolve(); });
  });
  for (let i = 0; i < SIZES.length; i++) {
    for (const [socket, direction] of [[server, 's2c'], [client, 'c2s']]) {
      said(channel, direction, body(i));
      socket.send(body(i));
    }
    await sleep(0);
  }
  await arrived;
  client.close();
  await once(client, 'close');
}

// One server for one suite, two connections: the second resumes the session of the first where the version allows.
async function suite(version, name) {
  const server = https.createServer(serverOptions(version, name));
  server.on('keylog', (line) => keylog.push(line));
  server.on('tlsClientError', () => {});
  const listener = new WebSocketServer({ server, perMessageDeflate: false });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const channel = `/${name.replaceAll('_', '-').toLowerCase()}`;
  const url = `wss://127.0.0.1:${server.address().port}${channel}`;
  const { key, cert, ...options } = serverOptions(version, name);
  try {
    let session;
    const createConnection = (given) => {
      const socket = tls.connect({ ...given, ...options, session, host: '127.0.0.1', rejectUnauthorized: false });
      socket.on('session', (ticket) => { session = ticket; });
      socket.on('secureConnect', () => { truth.resumed += socket.isSessionReused(); });
      return socket;
    };
    await exchange(listener, url, channel, { createConnection });
    await exchange(listener, url, channel, { createConnection });
  } catch (error) {
    truth.refused.push(`${name}: ${error.code ?? error.message}`);
  }
  listener.close();
  server.closeAllConnections();
  server.close();
}

// All that openssl knows the names of, and node's own copy of it takes.
function isOffered(name) {
  try {
    tls.createSecureContext({ ciphers: `${name}:@SECLEVEL=0`, maxVersion: 'TLSv1.2' });
    return !/PSK|SRP|NULL|TLS_/.test(name);
  } catch {
    return false;
  }
}
const isAria = (name) => name.includes('ARIA');
const suites12 = spawnSync('openssl', ['ciphers', 'ALL:@SECLEVEL=0'], { encoding: 'utf8' }).stdout.trim().split(':').filter(isOffered);
const suites13 = ['tls_aes_128_gcm_sha256', 'tls_aes_256_gcm_sha384', 'tls_chacha20_poly1305_sha256', 'tls_aes_128_ccm_sha256',
  'tls_aes_128_ccm_8_sha256'];

// --- clients that come back: three times each, beside others that stay or turn away within the handshake ---

async function again() {
  truth.reconnects = 0;
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    const server = https.createServer({ ...rsa, minVersion: version, maxVersion: version });
    server.on('keylog', (line) => keylog.push(line));
    server.on('tlsClientError', () => {});
    const listener = new WebSocketServer({ server, perMessageDeflate: false });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const [channel, port] = [`/again/${version}`, server.address().port];
    const arriving = once(listener, 'connection');
    const stays = await connect(`wss://127.0.0.1:${port}${channel}`, { servername: 'hush.example' });
    await arriving;
    truth.connections++;
    for (let i = 0; i < 4; i++) {
      const distrusts = tls.connect({ host: '127.0.0.1', port, ca: ecdsa.cert });
      await once(distrusts, 'error');
      await exchange(listener, `wss://127.0.0.1:${port}${channel}`, channel, {});
      truth.reconnects += i > 0;
    }
    stays.close();
    await once(stays, 'close');
    listener.close();
    server.close();
  }
}

// --- event streams, read by a client of https ---

async function events() {
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    const channel = `/events/${version}`;
    const server = https.createServer({ ...rsa, minVersion: version, maxVersion: version }, (request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      let i = 0;
      const timer = setInterval(() => {
        said(channel, 's2c', body(i));
        response.write(`data: ${body(i)}\n\n`);
        if (++i === 12) {
          clearInterval(timer);
          response.end();
        }
      }, 2);
    });
    server.on('keylog', (line) => keylog.push(line));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await new Promise((resolve) => {
      https.get(`https://127.0.0.1:${server.address().port}${channel}`, { rejectUnauthorized: false, agent: false }, (response) => {
        response.resume();
        response.on('end', resolve);
      });
    });
    truth.connections++;
    server.close();
  }
}

// --- openssl's own client and server: a KeyUpdate from the client, early data, a HelloRetryRequest ---

const PORT = 4433;

async function startServer(...options) {
  const server = spawn('openssl', ['s_server', '-accept', `127.0.0.1:${PORT}`, '-key', `${base}-rsa.key`, '-cert', `${base}-rsa.crt`,
    '-keylogfile', `${base}.openssl`, '-tls1_3', '-quiet', '-no_anti_replay', ...options], { stdio: ['pipe', 'ignore', 'ignore'] });
  await sleep(400);
  return server;
}

// Lines are written one after the other; those that are commands of s_client are not sent.
async function runClient(server, lines, ...options) {
  const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${PORT}`, '-tls1_3', ...options]);
  const ended = once(client, 'exit');
  let heard = '';
  for (const from of [client.stdout, client.stderr]) from.on('data', (bytes) => { heard += bytes; });
  await sleep(400);
  for (const line of lines) {
    client.stdin.write(`${line}\n`);
    if (!/^[KkRQ]/.test(line)) {
      truth.app_bytes += 2 * (line.length + 1);
      server.stdin.write(`${line}\n`);
    }
    await sleep(150);
  }
  client.kill();
  await ended;
  truth.connections++;
  return heard;
}

async function openssl() {
  const server = await startServer('-early_data');
  truth.updated = /KEYUPDATE/.test(await runClient(server, ['hello there', 'K', 'after an update', 'k', 'and another'],
    '-sess_out', `${base}.session`));
  writeFileSync(`${base}.early`, 'early bird\n');
  const heard = await runClient(server, ['then the rest'], '-sess_in', `${base}.session`, '-early_data', `${base}.early`);
  truth.early = /Early data was accepted/.test(heard);
  truth.app_bytes += 'early bird\n'.length;
  server.kill();
  await sleep(100);
  const strict = await startServer('-groups', 'P-384');
  await runClient(strict, ['other groups'], '-groups', 'X25519:P-384');
  strict.kill();
  keylog.push(readFileSync(`${base}.openssl`));
}

spawnSync('ip', ['link', 'set', 'lo', 'up']);
const dumpcap = spawn('dumpcap', ['-q', '-i', 'lo', '-B', '64', '-w', `${base}.pcapng`], { stdio: 'ignore' });
await sleep(1000);
if (kind === 'suites12') for (const name of suites12.filter((name) => !isAria(name))) await suite('TLSv1.2', name);
if (kind === 'aria') for (const name of suites12.filter(isAria)) await suite('TLSv1.2', name);
if (kind === 'suites13') for (const name of suites13) await suite('TLSv1.3', name);
if (kind === 'again') await again();
if (kind === 'events') await events();
if (kind === 'openssl') await openssl();
await sleep(1000);
dumpcap.kill('SIGINT');
await once(dumpcap, 'exit');
writeFileSync(`${base}.keylog`, Buffer.concat(keylog), { mode: 0o600 });
writeFileSync(`${base}.truth.json`, JSON.stringify(truth));
process.exit(0);
