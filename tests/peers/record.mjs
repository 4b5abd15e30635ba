// Live capture: wirediet record on the loopback interface of a network namespace of its own, while a server and clients made
// with ws talk. What it says is held against the capture that it wrote, one that dumpcap took meanwhile, and what was sent;
// what it may still do, against /proc. Needs the right to make namespaces; skipped where that is missing.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync }
  from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { WebSocket, WebSocketServer } from 'ws';
import { talkOfEverything } from './lib-mixed.mjs';
import { json, profile, Skip, test, WORK } from './lib.mjs';

const PROGRAM = process.env.WIREDIET;
const DIR = `${WORK}/record`;

if (!process.env.INSIDE) {
  if (spawnSync('unshare', ['-n', '-m', 'true']).status !== 0) {
    await test('live capture', () => { throw new Skip('no permission to make namespaces (needs root)'); });
    process.exit();
  }
  const { status } = spawnSync('unshare', ['-n', '-m', process.execPath, 'record.mjs'],
    { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, INSIDE: 'yes' } });
  process.removeAllListeners('exit');   // the plan is printed inside
  process.exit(status ?? 1);
}

spawnSync('ip', ['link', 'set', 'lo', 'up']);
rmSync(DIR, { recursive: true, force: true });
mkdirSync(DIR, { recursive: true });
process.umask(0o022);
// A sanitizer's search for leaks traces the process, which is what is forbidden here.
const ENV = { ...process.env, ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:detect_leaks=0` };
delete ENV.SUDO_UID;

const running = [];
const path = (name) => `${DIR}/${name}`;
const read = (name) => JSON.parse(readFileSync(path(name)));

// Starts recording; gives the process once it listens.
async function start(args, { env = {}, command = [PROGRAM], cwd = DIR, stdout = 'pipe' } = {}) {
  const [program, ...before] = command;
  const child = spawn(program, [...before, 'record', '-i', 'lo', ...args], { cwd, env: { ...ENV, ...env }, stdio: ['ignore', stdout, 'pipe'] });
  const run = { child, stdout: '', stderr: '' };
  running.push(child);
  child.stdout?.on('data', (data) => { run.stdout += data; });
  const listens = new Promise((resolve) => {
    child.stderr.on('data', (data) => {
      run.stderr += data;
      if (run.stderr.includes('recording')) resolve();
    });
    child.on('close', resolve);
  });
  run.ended = once(child, 'close').then(([status, signal]) => ({ ...run, stdout: run.stdout, stderr: run.stderr, status, signal }));
  await Promise.race([listens, sleep(10000)]);
  run.pid = Number(/process (\d+)/.exec(run.stderr)?.[1]);   // not the child's where another program starts it
  return run;
}

// What does not begin: exit status and one line.
async function refuses(status, line, args, options) {
  const run = await start(args, options);
  const end = await Promise.race([run.ended, sleep(5000)]);
  if (!end) run.child.kill('SIGKILL');
  assert.equal(end?.status, status, run.stderr);
  assert.match(end.stderr, line);
  assert.equal(end.stderr.trim().split('\n').length, 1, end.stderr);
}

async function stop(run, signal = 'SIGINT') {
  await sleep(300);
  process.kill(run.pid, signal);
  return run.ended;
}

// `rounds` messages each way, one WebSocket, compressed. Gives what was said.
let talks = 0;
const noise = (n) => randomBytes(n).toString('base64').slice(0, n);   // which no compression makes small
async function talk(rounds = 20, pad = 0) {
  const channel = `/talk/${++talks}`;
  const said = { messages: 0, payload_bytes: 0 };
  const listener = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: { threshold: 0 } });
  await once(listener, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${listener.address().port}${channel}`);
  const [server] = await once(listener, 'connection');
  if (client.readyState !== WebSocket.OPEN) await once(client, 'open');
  let left = 2 * rounds;
  const arrived = new Promise((resolve) => {
    for (const side of [client, server]) side.on('message', () => { if (--left === 0) resolve(); });
  });
  for (let i = 0; i < rounds; i++) {
    for (const side of [client, server]) {
      const text = JSON.stringify({ type: 'tick', seq: i, load: (i * 37) % 11, name: 'the same', pad: noise(pad) });
      said.messages++;
      said.payload_bytes += text.length;
      side.send(text);
    }
    if (i % 5 === 4) await sleep(2);
  }
  await arrived;
  client.close();
  await once(client, 'close');
  listener.close();
  return said;
}

const status = (pid) => Object.fromEntries(readFileSync(`/proc/${pid}/status`, 'utf8').trim().split('\n')
  .map((line) => { const [key, ...rest] = line.split(':'); return [key, rest.join(':').trim().replace(/\s+/g, ' ')]; }));
const children = (pid) => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number)
  .filter((one) => { try { return status(one).PPid === String(pid); } catch { return false; } });
const files = () => readdirSync(DIR).filter((name) => name.endsWith('.tmp'));

// Times are each socket's own.
const untimed = (messages) => JSON.parse(JSON.stringify(messages, (key, value) => (['hold', 'hold_ms', 'first', 'last'].includes(key) ? undefined : value)));
const same = ({ totals, undecoded, connections, messages }) => ({ totals, undecoded, connections, messages });
const valid = new Ajv2020({ strict: false, logger: false }).compile(json('schemas/profile-1.schema.json'));

// --- what it says

await test('the profile is that of its own capture, of dumpcap\'s, and of what was sent', async () => {
  const dumpcap = spawn('dumpcap', ['-q', '-i', 'lo', '-B', '16', '-w', path('dumpcap.pcapng')], { stdio: 'ignore' });
  await sleep(1000);
  const run = await start(['-o', 'p.json', '-w', 'own.pcapng', '--buffer', '64M']);
  const said = [await talk(200), await talk(60, 3000), await talk(10)];
  const end = await stop(run);
  dumpcap.kill('SIGINT');
  await once(dumpcap, 'exit');
  assert.equal(end.signal, 'SIGINT', end.stderr);
  const live = read('p.json');
  assert.ok(valid(live), JSON.stringify(valid.errors));
  assert.equal(live.incomplete, true);
  assert.equal(live.inputs[0].name, 'lo');
  assert.equal(live.inputs[0].dropped, undefined);
  assert.equal(live.totals.messages, said.reduce((sum, { messages }) => sum + messages, 0));
  assert.equal(live.totals.payload_bytes, said.reduce((sum, { payload_bytes: bytes }) => sum + bytes, 0));
  assert.deepEqual(same(profile(path('own.pcapng'))), same(live));
  const theirs = profile(path('dumpcap.pcapng'));
  assert.deepEqual(untimed(theirs.messages), untimed(live.messages));
  assert.deepEqual(theirs.totals, live.totals);
  assert.equal(statSync(path('p.json')).mode & 0o777, 0o600);
  assert.equal(statSync(path('own.pcapng')).mode & 0o777, 0o600);
  return `${live.totals.messages} messages, ${live.totals.packets} packets`;
});

await test('whatever takes a library is read in confinement too: codings, HTTP/2, gRPC, TLS', async () => {
  const run = await start(['-o', 'mixed.json', '-w', 'mixed.pcapng', '--buffer', '64M']);
  const said = await talkOfEverything(path('mixed'));
  const end = await stop(run);
  assert.equal(end.signal, 'SIGINT', end.stderr);
  const live = read('mixed.json');
  assert.ok(valid(live), JSON.stringify(valid.errors));
  assert.equal(live.totals.messages, said.messages);
  assert.equal(live.totals.payload_bytes, said.payload_bytes);
  assert.equal(live.connections.opened, said.streams);
  assert.equal(live.tls.connections, said.sealed);
  assert.equal(live.tls.decrypted, 0);
  assert.equal(live.connections.reconnects, said.reconnects);
  assert.deepEqual(live.undecoded.map(({ reason, streams }) => [reason, streams]), [['tls-no-keys', said.sealed]]);
  assert.deepEqual(same(profile(path('mixed.pcapng'))), same(live));
  return `${live.totals.messages} messages, ${said.sealed} connections under TLS`;
});

await test('a capture in the classic format, from all interfaces', async () => {
  const child = await start(['-i', 'any', '-o', 'x.json']);
  assert.equal((await child.ended).status, 2);   // one -i is enough
  const run = spawn(PROGRAM, ['record', '-i', 'any', '-o', 'any.json', '-w', 'any.pcap', '--duration', '2s'], { cwd: DIR, env: ENV, stdio: 'ignore' });
  await sleep(800);
  const said = await talk();
  const [code] = await once(run, 'close');
  assert.equal(code, 0);
  const live = read('any.json');
  assert.equal(live.totals.messages, said.messages);
  assert.deepEqual(same(profile(path('any.pcap'))), same(live));
});

await test('--filter, and a summary for people without -o', async () => {
  const run = await start(['--filter', 'tcp port 1', '--duration', '1']);
  await talk();
  const end = await run.ended;
  assert.equal(end.status, 0, end.stderr);
  assert.match(end.stdout, /^lo .* 0 packets/);
});

await test('--schema names the messages', async () => {
  writeFileSync(path('schema.json'), JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Beat', type: 'object',
    required: ['type'], properties: { type: { const: 'tick' }, seq: {}, load: {}, name: {}, pad: {} } }));
  const run = await start(['-s', 'schema.json', '-o', 'named.json']);
  await talk();
  const end = await stop(run);
  assert.equal(end.signal, 'SIGINT', end.stderr);
  assert.ok(read('named.json').messages.every(({ name, named_by: by }) => name === 'Beat' && by === 'schema'));
});

// --- when it ends

await test('--packets is exact, --duration ends it whole', async () => {
  let run = await start(['-o', 'n.json', '-w', 'n.pcapng', '--packets', '17']);
  await talk();
  assert.equal((await run.ended).status, 0);
  assert.equal(read('n.json').totals.packets, 17);
  assert.equal(read('n.json').incomplete, undefined);
  assert.equal(profile(path('n.pcapng')).totals.packets, 17);
  const before = Date.now();
  run = await start(['-o', 'd.json', '--duration', '1s']);
  const said = await talk();
  const end = await run.ended;
  assert.equal(end.status, 0, end.stderr);
  assert.ok(Date.now() - before >= 1000);
  assert.equal(read('d.json').totals.messages, said.messages);
  assert.equal(read('d.json').incomplete, undefined);
});

await test('SIGTERM and SIGHUP leave a valid partial profile too', async () => {
  for (const signal of ['SIGTERM', 'SIGHUP']) {
    const run = await start(['-o', 'term.json']);
    const said = await talk();
    const end = await stop(run, signal);
    assert.equal(end.signal, signal);
    assert.equal(read('term.json').totals.messages, said.messages);
    assert.equal(read('term.json').incomplete, true);
  }
});

await test('SIGUSR1 writes the profile so far, again and again, and the recording goes on', async () => {
  writeFileSync(path('s.json'), 'old');
  const run = await start(['-o', 's.json']);
  let sum = 0;
  for (let i = 0; i < 3; i++) {
    sum += (await talk()).messages;
    await sleep(300);
    process.kill(run.pid, 'SIGUSR1');
    process.kill(run.pid, 'SIGUSR1');
    await sleep(1000);
    const snapshot = read('s.json');
    assert.ok(valid(snapshot), JSON.stringify(valid.errors));
    assert.equal(snapshot.incomplete, true);
    assert.equal(snapshot.totals.messages, sum);
    assert.equal(run.child.exitCode, null);
  }
  sum += (await talk()).messages;
  await stop(run);
  assert.equal(read('s.json').totals.messages, sum);
  assert.deepEqual(files(), []);
  const people = await start([]);
  process.kill(people.pid, 'SIGUSR1');
  await sleep(1000);
  assert.match(people.child.exitCode === null ? people.stdout || 'nothing' : 'ended', /^lo/);
  await stop(people);
  const stream = await start(['--format', 'json']);
  process.kill(stream.pid, 'SIGUSR1');
  await sleep(500);
  assert.match(stream.stderr, /snapshot .* not written: it needs a file/);   // at once
  const end = await stop(stream);
  JSON.parse(end.stdout);
});

await test('killed outright it leaves what was there, no temporary file and no process', async () => {
  writeFileSync(path('k.json'), 'old');
  const run = await start(['-o', 'k.json', '-w', 'k.pcapng']);
  await talk();
  await sleep(400);
  const [keeper] = children(run.pid);
  await stop(run, 'SIGKILL');
  await sleep(300);
  assert.equal(readFileSync(path('k.json'), 'utf8'), 'old');
  assert.deepEqual(files(), []);
  assert.ok(!existsSync(`/proc/${keeper}`) || status(keeper).State.startsWith('Z'));
  assert.ok(profile(path('k.pcapng')).totals.messages > 0);
});

// --- what it may do

await test('who reads packets is nobody, and may do nothing', async () => {
  const run = await start(['-o', 'c.json']);
  await talk();
  const s = status(run.pid), limits = readFileSync(`/proc/${run.pid}/limits`, 'utf8');
  const [keeper, ...more] = children(run.pid);
  const k = status(keeper);
  const sockets = readdirSync(`/proc/${keeper}/fd`).filter((fd) => readlinkSync(`/proc/${keeper}/fd/${fd}`).startsWith('socket:'));
  await stop(run);
  assert.equal(s.Uid, '65534 65534 65534 65534');
  assert.equal(s.Gid.split(' ')[0] > 0, true);
  assert.equal(s.Groups, '');
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) assert.equal(Number(`0x${s[set]}`), 0, set);
  assert.equal(s.NoNewPrivs, '1');
  assert.equal(s.Seccomp, '2');
  assert.match(limits, /Max core file size +0 +0/);
  // The keeper makes files in a directory of anybody, and nothing else.
  assert.deepEqual(more, []);
  assert.equal(Number(`0x${k.CapEff}`), 0b1011);   // CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER
  assert.equal(Number(`0x${k.CapBnd}`), 0);
  assert.equal(k.NoNewPrivs, '1');
  assert.equal(k.Seccomp, '2');
  assert.equal(sockets.length, 1);
  assert.equal(statSync(path('c.json')).uid, 0);
});

await test('who ran sudo reads packets and gets the files, --user too', async () => {
  for (const [env, args] of [[{ SUDO_UID: '1', SUDO_GID: '1' }, []], [{}, ['--user', 'daemon']], [{}, ['--user=1']]]) {
    rmSync(path('u.pcapng'), { force: true });
    const run = await start(['-o', 'u.json', '-w', 'u.pcapng', ...args], { env });
    const s = status(run.pid);
    await stop(run);
    assert.equal(s.Uid, '1 1 1 1');
    assert.equal(Number(`0x${s.CapEff}`), 0);
    assert.equal(statSync(path('u.json')).uid, 1);
    assert.equal(statSync(path('u.pcapng')).uid, 1);
  }
});

await test('--allow-root stays root, without a capability', async () => {
  const run = await start(['-o', 'r.json', '--allow-root']);
  const s = status(run.pid);
  await stop(run);
  assert.equal(s.Uid, '0 0 0 0');
  for (const set of ['CapPrm', 'CapEff', 'CapBnd']) assert.equal(Number(`0x${s[set]}`), 0, set);
  assert.equal(s.Seccomp, '2');
  await refuses(2, /not read as root/, ['-o', 'r.json', '--user', 'root']);
});

await test('cap_net_raw on the file is enough for anybody', async () => {
  const program = path('wirediet-raw');
  copyFileSync(PROGRAM, program);
  chmodSync(program, 0o755);
  if (spawnSync('setcap', ['cap_net_raw+ep', program]).status !== 0) throw new Skip('setcap does not work here');
  mkdirSync(path('theirs'));
  chownSync(path('theirs'), 1, 1);
  const as = ['setpriv', '--reuid', '1', '--regid', '1', '--clear-groups'];
  if (spawnSync(as[0], [...as.slice(1), program, '--version'], { env: ENV }).status !== 0) throw new Skip('others cannot reach the build folder');
  const run = await start(['-o', 'own.json'], { command: [...as, program], cwd: path('theirs') });
  const s = status(run.pid), said = await talk();
  const end = await stop(run);
  assert.equal(end.signal, 'SIGINT', end.stderr);
  for (const set of ['CapPrm', 'CapEff']) assert.equal(Number(`0x${s[set]}`), 0, set);
  assert.equal(s.Seccomp, '2');
  assert.equal(read('theirs/own.json').totals.messages, said.messages);
});

// --- what is lost

await test('what the kernel dropped is told: on the terminal, in the profile, in the capture', async () => {
  const run = await start(['-o', 'drop.json', '-w', 'drop.pcapng', '--buffer', '64k']);
  process.kill(run.pid, 'SIGSTOP');
  for (let i = 0; i < 5; i++) await talk(100, 5000);
  process.kill(run.pid, 'SIGCONT');
  await sleep(300);
  const end = await stop(run);
  const [, dropped] = /lo: the kernel dropped (\d+) of \d+ packets .*--buffer/.exec(end.stderr) ?? [];
  assert.ok(dropped > 0, end.stderr);
  const live = read('drop.json');
  assert.ok(valid(live), JSON.stringify(valid.errors));
  assert.equal(live.inputs[0].dropped, Number(dropped));
  assert.deepEqual(same(profile(path('drop.pcapng'))), same(live));
  const bytes = readFileSync(path('drop.pcapng'));
  let at = 0;
  while (bytes.readUInt32LE(at) !== 5) at += bytes.readUInt32LE(at + 4);   // to the interface statistics
  const options = {};
  for (let o = at + 20; bytes.readUInt16LE(o); o += 12) options[bytes.readUInt16LE(o)] = Number(bytes.readBigUInt64LE(o + 4));
  assert.equal(options[7], Number(dropped));
  assert.equal(options[8], live.totals.packets);
  assert.match(JSON.stringify(profile('--format', 'json', path('drop.json')).inputs), /"dropped":/);
  return `${dropped} packets`;
});

// --- files

await test('--rotate by size and by time: the parts are the whole', async () => {
  let run = await start(['-o', 'parts.json', '-w', 'parts.pcapng', '--rotate', '20k']);
  for (let i = 0; i < 3; i++) await talk(50, 2000);
  await stop(run);
  let parts = readdirSync(DIR).filter((name) => name.startsWith('parts-')).sort();
  assert.ok(parts.length >= 3, parts);
  assert.equal(parts[0], 'parts-00001.pcapng');
  assert.ok(parts.slice(0, -1).every((name) => statSync(path(name)).size >= 20480));
  assert.deepEqual(same(profile(...parts.map(path))), same(read('parts.json')));
  run = await start(['-o', 'times.json', '-w', 'times.pcap', '--rotate', '1s']);
  for (let i = 0; i < 4; i++) { await talk(5); await sleep(500); }
  await stop(run);
  parts = readdirSync(DIR).filter((name) => /^times-\d{5}\.pcap$/.test(name)).sort();
  assert.ok(parts.length >= 2, parts);
  assert.deepEqual(same(profile(...parts.map(path))), same(read('times.json')));
});

await test('a capture that is there stays, unless --force', async () => {
  writeFileSync(path('there.pcapng'), 'old');
  await refuses(2, /there.pcapng: is there already; --force/, ['-w', 'there.pcapng', '--duration', '1']);
  assert.equal(readFileSync(path('there.pcapng'), 'utf8'), 'old');
  const run = await start(['-w', 'there.pcapng', '--force']);
  const said = await talk();
  await stop(run);
  assert.equal(profile(path('there.pcapng')).totals.messages, said.messages);
});

await test('a full disk ends it with an error, and the profile so far is written', async () => {
  mkdirSync(path('small'));
  assert.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'none', path('small')]).status, 0);
  const run = await start(['-o', 'full.json', '-w', 'small/full.pcapng']);
  await talk(100, 4000);
  const end = await Promise.race([run.ended, sleep(3000)]);
  assert.equal(end?.status, 4, run.stderr);
  assert.match(end.stderr, /small\/full.pcapng: cannot be written: No space left on device; make room/);
  const live = read('full.json');
  assert.ok(valid(live), JSON.stringify(valid.errors));
  assert.equal(live.incomplete, true);
  assert.ok(live.totals.packets > 0);
  const { totals } = profile('--strict', path('small/full.pcapng'));   // whole packets
  assert.ok(totals.packets > 0 && totals.packets <= live.totals.packets);
  // The profile goes there too: whole, where what was taken back of the capture left room, or not at all.
  const both = await start(['-o', 'small/p.json', '-w', 'small/again.pcapng', '--rotate', '100k']);
  await talk(100, 4000);
  const last = await Promise.race([both.ended, sleep(3000)]);
  assert.equal(last?.status, 4, both.stderr);
  if (existsSync(path('small/p.json'))) assert.ok(valid(read('small/p.json')));
  assert.deepEqual(readdirSync(path('small')).filter((name) => name.endsWith('.tmp')), []);
});

await test('an interface that goes away ends it with an error, and the profile so far is written', async () => {
  if (spawnSync('ip', ['link', 'add', 'gone0', 'type', 'veth', 'peer', 'name', 'gone1']).status !== 0) throw new Skip('no veth here');
  spawnSync('ip', ['link', 'set', 'gone0', 'up']);
  const child = spawn(PROGRAM, ['record', '-i', 'gone0', '-o', 'gone.json'], { cwd: DIR, env: ENV, stdio: ['ignore', 'ignore', 'pipe'] });
  running.push(child);
  let stderr = '';
  child.stderr.on('data', (data) => { stderr += data; });
  await sleep(1000);
  spawnSync('ip', ['link', 'del', 'gone0']);
  const [code] = await Promise.race([once(child, 'close'), sleep(5000).then(() => ['goes on'])]);
  assert.equal(code, 4, stderr);
  assert.match(stderr, /gone0: The interface disappeared; /);
  assert.equal(read('gone.json').incomplete, true);
});

await test('what cannot be is one line with a remedy', async () => {
  await refuses(4, /nowhere\/x.json: cannot be written: No such file/, ['-o', 'nowhere/x.json']);
  await refuses(4, /nowhere\/x.pcap: cannot be written: No such file/, ['-w', 'nowhere/x.pcap']);
  await refuses(2, /is a directory/, ['-o', '.']);
  await refuses(2, /no ordinary file/, ['-w', '/dev/null']);
  await refuses(2, /--filter: .*pcap-filter/, ['--filter', 'tcp prt 80']);
  await refuses(2, /nobody is called/, ['--user', 'no-such-user']);
  await refuses(3, /nowhere.json/, ['-s', 'nowhere.json']);
  const wrong = spawnSync(PROGRAM, ['record', '-i', 'l0'], { encoding: 'utf8', env: ENV });
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /l0: no such interface; did you mean lo\?/);
  const denied = spawnSync('setpriv', ['--reuid', '65534', '--clear-groups', PROGRAM, 'record', '-i', 'lo'], { encoding: 'utf8', env: ENV });
  if (denied.status === 127 || denied.status === 126) return 'others cannot reach the build folder';
  assert.equal(denied.status, 4, denied.stderr);
  assert.match(denied.stderr, /^wirediet: lo: no permission to capture; use sudo, or once: sudo setcap [^\n]+\n$/);
  return '';
});

for (const child of running) child.kill('SIGKILL');
process.exit();
