// infer, quicktype and genson-js on the same messages, as Markdown. Each makes one JSON Schema for all messages of a file and,
// since neither of the others tells messages apart, one per kind of message too. Run by script/compare-infer.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import Draft6 from 'ajv';
import addFormats from 'ajv-formats';
import { createSchema, mergeSchemas } from 'genson-js';
import { InputData, jsonInputForTargetLanguage, quicktype } from 'quicktype-core';
import { har, logged, webSocket } from '../tests/peers/lib-messages.mjs';

const { WIREDIET, WORK } = process.env;
const CAPTURES = [
  { name: 'dashboard', kind: ({ type }) => type, messages: () => logged('testdata/dashboard/naive.messages.ndjson.gz') },
  { name: 'chat', kind: ({ event }) => event, messages: () => webSocket('testdata/captures/chat-deflate.pcapng', 8085) },
  { name: 'home panel', kind: ({ topic, text }) => topic ?? (text ? 'notice' : 'message'), messages: () => har('testdata/captures/home-panel.har') },
  { name: 'rates and devices (made up)', kind: ({ type }) => type, messages: made },
];

// What the captures lack: maps with few keys, keys that come and go, a field that turns up late.
function made() {
  const codes = ['EUR', 'USD', 'GBP', 'CHF', 'JPY', 'SEK', 'NOK', 'DKK'];
  return Array.from({ length: 400 }, (_, n) => (n % 2
    ? { type: 'rates', at: new Date(1772528400000 + n * 1000).toISOString(), rates: Object.fromEntries(codes.filter((_, i) => (n >> 1) % 8 !== i).map((code) => [code, 1 + n / 7])), ...(n > 300 && { venue: 'main' }) }
    : { type: 'devices', devices: Object.fromEntries([0, 1, 2].map((i) => [`${4000 + ((n * 7 + i) % 90)}`, { state: ['on', 'off', 'fault'][(n + i) % 3], volts: n % 5 ? 229.5 : 230 }])) }));
}

// --- the three ---

function wirediet(messages) {
  const name = `${WORK}/messages.ndjson`;
  writeFileSync(name, messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
  return JSON.parse(execFileSync(WIREDIET, ['infer', '-q', '--bare', '--as', 'json-schema', '--ndjson', 'lines', name], { encoding: 'utf8', maxBuffer: 2 ** 28 }));
}

async function quick(messages) {
  const input = jsonInputForTargetLanguage('schema');
  await input.addSource({ name: 'Message', samples: messages.map((message) => JSON.stringify(message)) });
  const data = new InputData();
  data.addInput(input);
  return JSON.parse((await quicktype({ inputData: data, lang: 'schema' })).lines.join('\n'));
}

const genson = (messages) => mergeSchemas(messages.map((message) => createSchema(message)));

const TOOLS = [['wirediet infer', wirediet], ['quicktype', quick], ['genson-js', genson]];

// --- what is measured ---

function each(node, visit, isName = false) {
  if (node === null || typeof node !== 'object') return;
  if (!Array.isArray(node) && !isName) visit(node);
  for (const [key, value] of Object.entries(node)) each(value, visit, !isName && ['properties', '$defs', 'definitions'].includes(key));
}

function count(schema) {
  const sum = { fields: 0, required: 0, maps: 0, values: 0, formats: 0 };
  each(schema, (node) => {
    sum.fields += Object.keys(node.properties ?? {}).length;
    sum.required += (node.required ?? []).length;
    sum.maps += typeof node.additionalProperties === 'object';
    sum.values += (node.enum ?? []).length + ('const' in node);
    sum.formats += 'format' in node;
  });
  return sum;
}

function validator(schema) {
  const ajv = new (schema.$schema?.includes('draft-06') ? Draft6 : Ajv)({ strict: false, validateSchema: false });
  addFormats(ajv);
  const { $schema: _, ...rest } = schema;
  return ajv.compile(rest);
}

// The same damage for all: a member less, or one of another type.
function random(seed) {
  return () => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed / 2147483648; };
}
function damage(message, next) {
  const copy = structuredClone(message);
  let node = copy;
  for (;;) {
    const keys = Object.keys(node);
    const key = keys[Math.floor(next() * keys.length)];
    const value = node[key];
    if (value !== null && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length && next() < 0.7) { node = value; continue; }
    if (next() < 0.5) delete node[key];
    else node[key] = typeof value === 'string' ? 7 : 'seven';
    return copy;
  }
}

const share = (part, whole) => (whole === 0 ? '' : part === 0 ? '0' : part === whole ? 'all' : `${(100 * part / whole).toFixed(1)} %`);

async function measure(messages, make) {
  const start = performance.now();
  const schema = await make(messages);
  const ms = performance.now() - start;
  const half = Math.floor(messages.length / 2), next = random(1);
  const early = validator(await make(messages.slice(0, half))), all = validator(schema);
  const bad = messages.map((message) => damage(message, next));
  return { ...count(schema), bytes: JSON.stringify(schema).length, ms,
    fit: share(messages.filter((message) => all(message)).length, messages.length),
    later: share(messages.slice(half).filter((message) => early(message)).length, messages.length - half),
    refused: share(bad.filter((message) => !all(message)).length, bad.length) };
}

// --- the document ---

const cells = (row) => `| ${row.join(' | ')} |`;
console.log(`# infer, and what others infer

\`script/compare-infer BUILD\` writes this page. Each program makes one JSON Schema of the same messages, given in the same order: those
of three captures, taken out by others than wirediet, and a made-up stream with maps. \`infer\` runs with \`--bare\`: without what was measured.

- **fields**: properties in the schema; **required**: of them, names in \`required\`; **maps**: objects with any keys; **formats**: as it says.
- **values**: captured values in the schema (\`enum\`, \`const\`). Those of wirediet are the names of the message types.
- **fit**: of all messages, those that the schema accepts; **later half**: of the second half of the messages, those that the schema of
  the first half accepts; **refused**: of damaged messages, one each (a member deleted, or of another type), those that it does not.
`);
for (const { name, kind, messages } of CAPTURES) {
  const all = messages();
  console.log(`## ${name}: ${all.length} messages of ${new Set(all.map(kind)).size} kinds\n`);
  console.log(cells(['', 'bytes', 'fields', 'required', 'maps', 'formats', 'values', 'fit', 'later half', 'refused']));
  console.log(cells(['---', ...Array(9).fill('---:')]));
  for (const [tool, make] of TOOLS) {
    const m = await measure(all, make);
    console.log(cells([tool, m.bytes.toLocaleString('en'), m.fields, m.required, m.maps, m.formats, m.values, m.fit, m.later, m.refused]));
  }
  console.log('');
}
