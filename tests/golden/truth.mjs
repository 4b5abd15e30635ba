// Holds profiles against what the applications themselves logged (capture-truth/1), for every WebSocket and SSE
// and gRPC capture and every HAR in testdata: messages, payload bytes, and per type and path present,
// occurrences, key_bytes, value_bytes, compared and changed, exactly; with the schema, and with the type names that traffic
// alone gives. Prints TAP.
import { execFileSync } from 'node:child_process';
import { copyFileSync, chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const testdata = `${process.env.srcdir || '.'}/testdata`;
const wirediet = process.env.WIREDIET || './wirediet';

const CAPTURES = [
  // capture, schema or nothing, key log where its TLS needs one
  ['captures/dashboard-naive', 'captures/dashboard.asyncapi.yaml'],
  ['captures/dashboard-diet'],
  ['captures/chat-deflate', 'captures/chat.asyncapi.yaml'],
  ['captures/ticker-sse-plain', 'captures/ticker.asyncapi.yaml'],
  ['captures/ticker-sse-gzip', 'captures/ticker.asyncapi.yaml'],
  ['captures/codings'],
  ['captures/storm-fixed'],
  ['captures/storm-backoff'],
  ['captures/home-panel', 'captures/home-panel.asyncapi.yaml'],
  ['captures/home-panel.har', 'captures/home-panel.asyncapi.yaml'],
  ['captures/vitals-tls12', 'captures/vitals.asyncapi.yaml', 'captures/vitals-tls12.keylog'],
  ['captures/vitals-tls13', 'captures/vitals.asyncapi.yaml', 'captures/vitals-tls13.keylog'],
  ['captures/vitals-tls12-dsb', 'captures/vitals.asyncapi.yaml'],
  ['captures/vitals-tls13-dsb', 'captures/vitals.asyncapi.yaml'],
  ['captures/desk-ws-msgpack', 'schemas/desk-ws-msgpack.asyncapi.yaml'],
  ['captures/trades-ws-avro', 'captures/trades-ws-avro.asyncapi.yaml'],
  ['captures/line-grpc', 'captures/line-grpc.proto'],
  ['captures/desk-ws-protobuf', 'captures/desk-ws.proto'],
  ['dashboard/naive', '../schemas/dashboard/dashboard.yaml'],
  ['dashboard/diet', '../schemas/dashboard/diet/dashboard.yaml'],
  ['dashboard/deflate'],
];

// Protobuf: without its schema fields are numbers, and messages have no names.
const TOTALS = new Set(['captures/line-grpc', 'captures/desk-ws-protobuf']);

// Avro says nothing without its schema.
const NEED_SCHEMA = new Set(['captures/trades-ws-avro']);

const SHARES = ['key_bytes', 'value_bytes', 'syntax_bytes', 'whitespace_bytes'];
const COUNTS = ['present', 'occurrences', 'key_bytes', 'value_bytes', 'compared', 'changed'];

// A truth names the root $ and odd keys ["like this"]; a profile . and "like this".
function profilePath(path) {
  if (path === '$') return '.';
  return path.replace(/^\$/, '').replace(/\.?\["((?:[^"\\]|\\.)*)"\]/g, (_, key) => `."${key}"`).replace(/^\./, '');
}

// Rows of one name are added up: a truth does not split a type by channel, a profile does.
function gather(rows) {
  const types = new Map();
  for (const { name, direction, count, payload_bytes: bytes, paths, isOpaque } of rows) {
    if (!types.has(name)) types.set(name, { count: 0, payload_bytes: 0, sides: {}, paths: new Map() });
    const type = types.get(name);
    const side = (type.sides[direction] ??= { count: 0, payload_bytes: 0 });
    for (const sum of [type, side]) {
      sum.count += count;
      sum.payload_bytes += bytes;
    }
    if (isOpaque) type.isPartlyOpaque = true; // such a message is one value at the root, of which a truth has no row
    for (const [path, row] of paths) {
      const sum = type.paths.get(path) ?? { kind: row.kind };
      for (const key of COUNTS) if (row[key] !== undefined) sum[key] = (sum[key] ?? 0) + row[key];
      type.paths.set(path, sum);
    }
  }
  return types;
}

const profileTypes = (profile) => gather(profile.messages.map((message) => (
  { ...message, paths: message.fields.map((field) => [field.path, field]) })));

function truthTypes(truth, isNamedBySchema) {
  const rename = (name) => {
    const isRenamed = !isNamedBySchema || truth.undeclared?.includes(name);
    return (isRenamed && truth.discovered_as?.[name]) || name;
  };
  return gather(Object.entries(truth.by_type).flatMap(([key, type]) => {
    const paths = Object.entries(type.paths ?? {}).map(([path, row]) => [profilePath(path), row]);
    return Object.entries(type.by_direction).map(([direction, side], i) => (
      { name: rename(key), direction, ...side, paths: i ? [] : paths, isOpaque: !type.paths })); // paths are those of both directions
  }));
}

// One object that says what is wrong, in words, and how much was looked at.
class Comparison {
  looked = 0;

  differences = [];

  same(what, got, want) {
    this.looked++;
    if (got !== want) this.differences.push(`${what}: profile ${got}, truth ${want}`);
  }

  totals(profile, truth, isHar) {
    const { totals } = profile;
    this.same('messages', totals.messages, truth.messages);
    this.same('payload_bytes', totals.payload_bytes, truth.payload_bytes);
    const sums = { c2s: { count: 0, payload_bytes: 0 }, s2c: { count: 0, payload_bytes: 0 } };
    for (const { direction, count, payload_bytes: bytes } of profile.messages) {
      sums[direction].count += count;
      sums[direction].payload_bytes += bytes;
    }
    for (const [direction, side] of Object.entries(truth.by_direction ?? {})) {
      this.same(`${direction} count`, sums[direction].count, side.count);
      this.same(`${direction} payload_bytes`, sums[direction].payload_bytes, side.payload_bytes);
    }
    this.same('sum of layers', Object.values(totals.layers).reduce((a, b) => a + b), totals.captured_bytes);
    this.same('layers.payload', totals.layers.payload, totals.wire_payload_bytes);
    if (isHar) this.same('kind', profile.inputs[0].kind, 'har');
    if (isHar || !truth.transport.startsWith('websocket')) return; // no HAR holds control frames
    for (const key of ['pings', 'pongs', 'closes']) {
      if (key in truth) this.same(key, profile.connections[key], truth[key]);
    }
  }

  sums(profile) {
    for (const { name, payload_bytes: bytes, fields } of profile.messages) {
      this.same(`${name}: sum of fields`, fields.reduce((sum, field) => sum + field.bytes, 0), bytes);
      for (const field of fields) {
        this.same(`${name} ${field.path}: sum of shares`, SHARES.reduce((sum, key) => sum + field[key], 0), field.bytes);
      }
    }
  }

  types(got, want) {
    for (const [name, type] of want) {
      if (!got.has(name)) this.same(`type ${name}`, 'missing', 'there');
      else this.type(name, got.get(name), type);
    }
    for (const name of got.keys()) if (!want.has(name)) this.same(`type ${name}`, 'there', 'missing');
  }

  type(name, got, want) {
    this.same(`${name} count`, got.count, want.count);
    this.same(`${name} payload_bytes`, got.payload_bytes, want.payload_bytes);
    for (const [direction, side] of Object.entries(want.sides)) {
      this.same(`${name} ${direction} count`, got.sides[direction]?.count, side.count);
      this.same(`${name} ${direction} payload_bytes`, got.sides[direction]?.payload_bytes, side.payload_bytes);
    }
    if (want.paths.size === 0) return;
    for (const [path, row] of want.paths) {
      if (path === '.' && want.isPartlyOpaque) continue;
      if (!got.paths.has(path)) this.same(`${name} ${path}`, 'missing', 'there');
      else this.row(`${name} ${path}`, got.paths.get(path), row, want.paths);
    }
    for (const path of got.paths.keys()) {
      if (path !== '.' && !want.paths.has(path)) this.same(`${name} ${path}`, 'there', 'missing');
    }
  }

  // A container that is empty now and then is a leaf in the truth; its values are then not those of the profile's row.
  row(what, got, want, all) {
    const path = what.slice(what.indexOf(' ') + 1);
    const hasMembers = [...all.keys()].some((other) => (
      other.startsWith(path) && /^[.[{]/.test(other.slice(path.length)) && other !== path));
    const isValue = want.kind === 'leaf' && !hasMembers;
    for (const key of isValue ? COUNTS : COUNTS.slice(0, 3)) {
      if (key in want) this.same(`${what} ${key}`, got[key], want[key]);
    }
  }
}

function compare(profile, truth, isNamedBySchema, isHar, isTotals) {
  const comparison = new Comparison();
  comparison.totals(profile, truth, isHar);
  comparison.sums(profile);
  if (!isTotals) comparison.types(profileTypes(profile), truthTypes(truth, isNamedBySchema));
  return comparison;
}

const isHar = (capture) => capture.endsWith('.har');
const fileOf = (capture) => (isHar(capture) ? capture : `${capture}.pcapng`);

// Whatever the permissions of a checkout: key logs that others may write are refused.
const work = mkdtempSync(join(tmpdir(), 'wirediet-truth-'));
process.on('exit', () => rmSync(work, { recursive: true }));

function privateCopy(keylog) {
  const copy = join(work, 'keylog');
  rmSync(copy, { force: true });
  copyFileSync(`${testdata}/${keylog}`, copy);
  chmodSync(copy, 0o600);
  return copy;
}

function profileOf(capture, schema, keylog) {
  const options = schema ? ['-s', `${testdata}/${schema}`] : [];
  if (keylog) options.push('--keylog', privateCopy(keylog));
  return JSON.parse(execFileSync(wirediet, ['profile', '--format', 'json', ...options, `${testdata}/${fileOf(capture)}`],
    { maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'inherit'] }));
}

const runs = CAPTURES.flatMap(([capture, schema, ...rest]) => (
  [[capture, undefined, ...rest], [capture, schema, ...rest]].filter(([, using], i) => (i ? using : !NEED_SCHEMA.has(capture)))));
console.log(`1..${runs.length}`);
runs.forEach(([capture, schema, keylog], i) => {
  const title = `${i + 1} - ${capture}${schema ? ', with its schema' : ', without a schema'}`;
  const isTotals = TOTALS.has(capture) && !schema;
  try {
    const truth = JSON.parse(readFileSync(`${testdata}/${capture.replace(/\.har$|-dsb$/, '')}.truth.json`));
    const profile = profileOf(capture, schema, keylog);
    const { looked, differences } = compare(profile, truth, Boolean(schema), isHar(capture), isTotals);
    if (looked < (isTotals ? 8 : 50)) differences.push(`only ${looked} figures were compared`);
    console.log(`${differences.length ? 'not ok' : 'ok'} ${title}: ${looked} figures`);
    for (const difference of differences.slice(0, 40)) console.log(`# ${difference}`);
    if (differences.length) process.exitCode = 1;
  } catch (error) {
    console.log(`not ok ${title}\n# ${error.message.split('\n')[0]}`);
    process.exitCode = 1;
  }
});
