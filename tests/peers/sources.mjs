// Windows and filters against editcap and tcpdump: what they leave in a file is what --from, --to and --filter leave in a
// profile; captures as gzip, zstd and tcpdump's own rotation write them are the capture.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { file, profile, run, Skip, test, WORK } from './lib.mjs';

const CAPTURES = ['testdata/captures/dashboard-naive.pcapng', 'testdata/captures/chat-deflate.pcapng', 'testdata/captures/home-panel.pcapng'].map(file);
const work = `${WORK}/sources`;
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });

const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
const needs = (command) => { if (!has(command)) throw new Skip(`no ${command}`); };
const TIME = { env: { ...process.env, TZ: 'UTC' } };

// Everything but what the inputs are called and how large they are on disk.
const figures = ({ inputs, ...rest }) => ({ ...rest, packets: inputs.reduce((sum, { packets }) => sum + packets, 0) });

const firstOf = (capture) => profile(capture).inputs[0].first;
const later = (moment, nanoseconds) => {
  const seconds = BigInt(Date.parse(moment.slice(0, 19) + 'Z')) / 1000n;
  const ns = seconds * 1000000000n + BigInt(moment.slice(20, 29)) + BigInt(nanoseconds);
  return `${new Date(Number(ns / 1000000000n) * 1000).toISOString().slice(0, 19)}.${String(ns % 1000000000n).padStart(9, '0')}`;
};

for (const capture of CAPTURES) {
  await test(`--from and --to are editcap -A and -B: ${capture.split('/').pop()}`, () => {
    needs('editcap');
    const first = firstOf(capture);
    const total = profile(capture).inputs[0].packets;
    for (const [from, to] of [[1e9, 2e9], [0, 5e8], [123456789, 1999999999], [1.5e9, 9e12]]) {
      const bounds = [later(first, from), later(first, to)];
      const out = `${work}/window.pcapng`;
      run('editcap', ['-A', bounds[0].replace('T', ' '), '-B', bounds[1].replace('T', ' '), capture, out], TIME);
      const ours = profile('--from', `${bounds[0]}Z`, '--to', `${bounds[1]}Z`, capture);
      assert.deepEqual(figures(ours), figures(profile(out)), bounds.join(' to '));
      assert.equal(ours.inputs[0].packets + (ours.inputs[0].left_out ?? 0), total);
      const relative = profile('--from', `+${from / 1e9}`, '--to', `+${to / 1e9}`, capture);
      assert.deepEqual(figures(relative), figures(ours));
    }
  });

  await test(`--filter is tcpdump's: ${capture.split('/').pop()}`, () => {
    needs('tcpdump');
    for (const filter of ['tcp[tcpflags] & tcp-push != 0', 'dst host 127.0.0.1 and greater 200', 'src port 3000 or src port 8080 or less 90', 'vlan', 'udp']) {
      const out = `${work}/filter.pcap`;
      run('tcpdump', ['-r', capture, '-w', out, filter]);
      const ours = profile('--filter', filter, capture);
      const theirs = profile(out);
      assert.equal(ours.totals.packets, theirs.totals.packets, filter);
      assert.equal(ours.totals.messages, theirs.totals.messages, filter);
      assert.equal(ours.totals.payload_bytes, theirs.totals.payload_bytes, filter);
      assert.deepEqual(ours.totals.layers, theirs.totals.layers, filter);
    }
  });
}

await test('gzip and zstd, whatever the name, and several members', () => {
  const [capture] = CAPTURES;
  const want = figures(profile(capture));
  for (const command of ['gzip -9 -c', 'gzip -1 -c', 'zstd -q -c', 'zstd -q -19 --long -c']) {
    if (!has(command.split(' ')[0])) continue;
    run('sh', ['-c', `${command} '${capture}' >'${work}/packed.pcap'`]);
    assert.deepEqual(figures(profile(`${work}/packed.pcap`)), want, command);
    run('sh', ['-c', `{ head -c 100000 '${capture}' | ${command}; tail -c +100001 '${capture}' | ${command}; } >'${work}/twice'`]);
    assert.deepEqual(figures(profile(`${work}/twice`)), want, `${command}, twice`);
  }
});

// -C rotates by size, -W makes a ring of it: names of equal width, which begin again.
await test('files that tcpdump rotated are one capture, in whatever order', () => {
  needs('tcpdump');
  const [capture] = CAPTURES;
  mkdirSync(`${work}/ring`);
  run('tcpdump', ['-r', capture, '-w', `${work}/whole.pcap`, '--time-stamp-precision=nano']);
  run('sh', ['-c', `cd '${work}' && tcpdump -r whole.pcap --time-stamp-precision=nano -C 1 -Z "$(id -un)" -w part.pcap 2>/dev/null; true`]);
  run('editcap', ['-c', '300', `${work}/whole.pcap`, `${work}/ring/x.pcap`]);
  run('sh', ['-c', `cd '${work}/ring' && n=9; for f in x_*; do mv "$f" "$n.pcap"; n=$((n - 1)); done; rm -f x.pcap`]);
  const want = figures(profile(`${work}/whole.pcap`));
  assert.deepEqual(figures(profile(`${work}/ring`)), want);
  const names = run('sh', ['-c', `ls '${work}'/ring/*.pcap`]).trim().split('\n');
  assert.ok(names.length > 3);
  assert.deepEqual(figures(profile(...names)), want);
  assert.deepEqual(figures(profile(...names.reverse())), want);
  const parts = run('sh', ['-c', `ls -r '${work}'/part*`]).trim().split('\n');
  assert.ok(parts.length > 1);
  assert.deepEqual(figures(profile(...parts)), want);
});
