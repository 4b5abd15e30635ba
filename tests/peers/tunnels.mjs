// Tunnels. scapy wraps a capture into each encapsulation that it can write: the profile inside is that of the plain one,
// and tshark counts the same messages. Then a real one: a WebSocket client and server talk through a VXLAN of the kernel,
// recorded outside, inside, and in both places at once, where each packet is there twice and counts once.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { file, json, profile, Skip, test, WORK } from './lib.mjs';
import { countWebSocket } from './lib-tshark.mjs';

const CAPTURE = 'testdata/captures/dashboard-diet';
const PORT = json(`${CAPTURE}.truth.json`).ports[0];
const SEALED = ['testdata/captures/vitals-tls12', 'testdata/captures/vitals-tls13'];
const python = ['/usr/bin/python3', 'python3'].find((name) => spawnSync(name, ['-c', 'import scapy.all']).status === 0);

function wrap(from, ...names) {
  const folder = `${WORK}/tunnels-${from.split('/').pop()}`;
  mkdirSync(folder, { recursive: true });
  const port = String(json(`${from}.truth.json`).ports[0]);
  const { status, stdout, stderr } = spawnSync(python, [file('tests/peers/wrap.py'), file(`${from}.pcapng`), port, folder, ...names],
    { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout).map((kind) => ({ ...kind, capture: `${folder}/${kind.name}.pcap` }));
}

// All that is counted above IP.
const inside = ({ totals, connections, messages }) => ({
  connections, messages, count: totals.messages, payload: totals.payload_bytes, wire: totals.wire_payload_bytes,
  layers: ['transport', 'tls', 'http', 'framing', 'control', 'payload', 'retransmitted', 'undecoded', 'other'].map((l) => totals.layers[l]),
});

function checkSum({ totals }) {
  assert.equal(Object.values(totals.layers).reduce((a, b) => a + b), totals.captured_bytes);
  assert.equal(totals.missing_bytes, 0);
}

const plain = profile(file(`${CAPTURE}.pcapng`));
if (!python) await test('a capture in every encapsulation of scapy', () => { throw new Skip('needs python3-scapy'); });
for (const { name, seen, capture } of python ? wrap(CAPTURE) : []) {
  await test(`${CAPTURE} as ${name}`, () => {
    const wrapped = profile(capture);
    assert.deepEqual(inside(wrapped), inside(plain));
    checkSum(wrapped);
    assert.equal(wrapped.totals.layers.duplicate > 0, seen > 1);
    const decode = ['udp.port==8472,vxlan', ...(name === 'mpls-pseudowire' ? ['mpls.label==100-101,pwethcw'] : [])].flatMap((d) => ['-d', d]);
    if (seen === 1) assert.equal(countWebSocket(capture, PORT, ...decode).messages, wrapped.totals.messages);
    return `${wrapped.totals.messages} messages, tunnel and frames ${wrapped.totals.layers.link} bytes`;
  });
}

// TLS inside: the keys of a log open it there as well, the copy that a mirror took of it counts once, and without keys it is as closed.
for (const from of python ? SEALED : []) {
  for (const { name, seen, capture } of wrap(from, 'vxlan', 'geneve-options', 'gtp', 'gre-of-ipv6', 'vxlan-in-gre-in-mpls', 'plain-and-tunnel')) {
    await test(`${from} as ${name}`, () => {
      const keys = ['--keylog', file(`${from}.keylog`)];
      const opened = profile(...keys, capture);
      assert.deepEqual(inside(opened), inside(profile(...keys, file(`${from}.pcapng`))));
      assert.deepEqual(inside(profile(capture)), inside(profile(file(`${from}.pcapng`))));
      checkSum(opened);
      assert.equal(opened.totals.layers.duplicate > 0, seen > 1);
      return `${opened.totals.messages} messages, tls ${opened.totals.layers.tls} bytes`;
    });
  }
}

function record(mtu) {
  if (spawnSync('unshare', ['-n', 'ip', 'link', 'add', 'name', 't', 'type', 'vxlan', 'id', '1', 'dstport', '4789']).status !== 0) {
    throw new Skip('no permission to make a network namespace with a VXLAN (needs root)');
  }
  const base = `${WORK}/vxlan-${mtu}`;
  const { status, stderr } = spawnSync('unshare', ['-n', process.execPath, 'lib-tunnel.mjs', base, String(mtu)], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return { base, truth: JSON.parse(readFileSync(`${base}.truth.json`)) };
}

for (const mtu of [1450, 4000]) {
  await test(`a VXLAN of the kernel, MTU ${mtu}`, () => {
    const { base, truth } = record(mtu);
    const notes = [];
    for (const sight of ['outer', 'inner', 'both', 'any']) {
      const counted = profile(`${base}-${sight}.pcapng`);
      const { totals, connections } = counted;
      checkSum(counted);
      assert.equal(totals.messages, truth.messages, sight);
      assert.equal(totals.payload_bytes, truth.payload_bytes, sight);
      assert.equal(totals.connections, 1, sight);
      assert.equal(connections.opened, 1, sight);
      assert.equal(totals.layers.duplicate > 0, sight === 'both' || sight === 'any', sight);
      notes.push(`${sight}: duplicate ${totals.layers.duplicate}, retransmitted ${totals.layers.retransmitted}`);
    }
    assert.equal(countWebSocket(`${base}-outer.pcapng`, truth.port).messages, truth.messages);
    return `${truth.messages} messages; ${notes.join('; ')}`;
  });
}
