// The application's own log of what it said, in the format capture-truth/1: an account of each message that knows
// nothing of packets and nothing of wirediet. Bytes are UTF-8 bytes of the JSON text handed to the library.
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const TOKEN = /[ \t\r\n]+|[{}[\],:]|"(?:[^"\\]|\\.)*"|[^\s{}[\],:"]+/y;

const memberPath = (parent, key) => {
  const name = /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  return parent === '$' ? name.replace(/^\./, '') : parent + name;
};
const elementPath = (parent) => (parent === '$' ? '[]' : `${parent}[]`);

// Calls emit(path, kind, keyBytes, valueBytes, value) for each value of a JSON text, containers before their members.
// An empty container is a leaf of no bytes.
export function walkJson(text, emit) {
  const stack = [];
  let keyPath = '$';
  let keyBytes = 0;
  let opened; // the container that was opened last and has no member yet
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const [token] = TOKEN.exec(text);
    const top = stack.at(-1);
    const begin = () => {
      if (opened) emit(opened.path, opened.kind, opened.keyBytes, 0);
      opened = undefined;
      const value = { path: keyPath, keyBytes };
      keyBytes = 0;
      return value;
    };
    if (token === '{' || token === '[') {
      const kind = token === '{' ? 'object' : 'array';
      const container = { ...begin(), kind };
      stack.push(container);
      opened = container;
      if (kind === 'array') keyPath = elementPath(container.path);
    } else if (token === '}' || token === ']') {
      if (opened) emit(opened.path, 'leaf', opened.keyBytes, 0, opened.kind);
      opened = undefined;
      stack.pop();
      const parent = stack.at(-1);
      if (parent?.kind === 'array') keyPath = elementPath(parent.path);
    } else if (top?.kind === 'object' && token[0] === '"' && keyBytes === 0) {
      if (opened) emit(opened.path, opened.kind, opened.keyBytes, 0);
      opened = undefined;
      keyPath = memberPath(top.path, JSON.parse(token));
      keyBytes = Buffer.byteLength(token);
    } else if (!/^[\s,:]/.test(token)) {
      const { path, keyBytes: bytes } = begin();
      emit(path, 'leaf', bytes, Buffer.byteLength(token), JSON.stringify(JSON.parse(token)));
    }
  }
}

export class Truth {
  constructor(capture, about) {
    this.head = { format: 'capture-truth/1', capture, transport: 'websocket', type_rule: 'JSON field "type"', ...about };
    this.types = new Map();
    this.series = new Map();
    this.counts = { pings: 0, pongs: 0, closes: 0 };
    this.connections = new Set();
    this.reads = new Map();
    this.lines = [];
  }

  count(what) {
    this.counts[what]++;
  }

  message(connection, direction, text) {
    const { type } = JSON.parse(text);
    this.record(connection, direction, type, Buffer.byteLength(text), text, (emit) => walkJson(text, emit));
  }

  // `walk` calls what it is given for each value of the payload, as walkJson does.
  record(connection, direction, type, bytes, payload, walk) {
    this.connections.add(connection);
    this.lines.push(JSON.stringify({ connection, direction, type, payload }));

    if (!this.types.has(type)) this.types.set(type, { count: 0, payload_bytes: 0, by_direction: {}, paths: {} });
    const entry = this.types.get(type);
    const side = (entry.by_direction[direction] ??= { count: 0, payload_bytes: 0 });
    for (const sum of [entry, side]) {
      sum.count++;
      sum.payload_bytes += bytes;
    }
    this.fields(entry, `${connection} ${direction} ${type}`, walk);
  }

  fields(entry, seriesName, walk) {
    const values = new Map();
    walk((path, kind, keyBytes, valueBytes, value) => {
      const row = (entry.paths[path] ??= { kind, present: 0, occurrences: 0, key_bytes: 0, value_bytes: 0 });
      if (kind === 'leaf') row.kind = 'leaf';
      row.occurrences++;
      row.key_bytes += keyBytes;
      row.value_bytes += valueBytes;
      if (!values.has(path)) values.set(path, []);
      if (kind === 'leaf') values.get(path).push(value);
    });
    if (!this.series.has(seriesName)) this.series.set(seriesName, new Map());
    const last = this.series.get(seriesName);
    for (const [path, seen] of values) {
      const row = entry.paths[path];
      row.present++;
      if (row.kind !== 'leaf') continue;
      row.compared ??= 0;
      row.changed ??= 0;
      const now = seen.join('\n');
      if (last.has(path)) {
        row.compared++;
        if (last.get(path) !== now) row.changed++;
      }
      last.set(path, now);
    }
  }

  // A view of `message` that notes which of its members a consumer looks at.
  watch(consumer, type, message, path = '$') {
    if (message === null || typeof message !== 'object') return message;
    const note = (read) => {
      const key = `${consumer} ${type}`;
      if (!this.reads.has(key)) this.reads.set(key, new Set());
      this.reads.get(key).add(read);
    };
    return new Proxy(message, {
      get: (target, key) => {
        const value = target[key];
        if (typeof key === 'symbol' || typeof value === 'function') return value;
        if (Array.isArray(target) && key === 'length') return value;
        const read = Array.isArray(target) ? elementPath(path) : memberPath(path, key);
        if (key === 'toJSON') note(path);
        else if (value === null || typeof value !== 'object') note(read);
        return this.watch(consumer, type, value, read);
      },
    });
  }

  write(base, more = {}) {
    const sum = (key) => [...this.types.values()].reduce((total, type) => total + type[key], 0);
    const truth = {
      ...this.head,
      messages: sum('count'),
      payload_bytes: sum('payload_bytes'),
      connections: this.connections.size,
      ...this.counts,
      by_type: Object.fromEntries([...this.types].sort(([a], [b]) => (a < b ? -1 : 1))),
      read_paths: Object.fromEntries([...this.reads].sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, paths]) => [key, [...paths].sort()])),
      ...more,
    };
    writeFileSync(`${base}.truth.json`, `${JSON.stringify(truth, null, 1)}\n`);
    writeFileSync(`${base}.messages.ndjson.gz`, gzipSync(`${this.lines.join('\n')}\n`, { level: 9 }));
    return truth;
  }
}
