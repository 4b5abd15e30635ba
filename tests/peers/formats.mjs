// Our own JSON is what schemas/*.schema.json say, by ajv's reading of them.
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { CAPTURES, DASHBOARD, file, json, profile, test, text, wirediet, WORK } from './lib.mjs';

const ajv = new Ajv({ strict: true, strictRequired: false, allErrors: true, allowUnionTypes: true });
addFormats(ajv);
const byFormat = new Map();

await test('the schemas of our formats compile', () => {
  const names = readdirSync(file('schemas')).filter((name) => name.endsWith('.schema.json'));
  for (const name of names) {
    const schema = json(`schemas/${name}`);
    byFormat.set(schema.properties.wirediet?.const ?? name, ajv.compile(schema));
  }
  for (const format of ['profile/1', 'findings/1', 'usage/1']) assert.ok(byFormat.has(format), `no schema for ${format}`);
});

function valid(document, format = document.wirediet) {
  const validate = byFormat.get(format);
  assert.ok(validate, `no schema for ${format}`);
  validate(document);
  assert.deepEqual((validate.errors ?? []).slice(0, 10).map(({ instancePath, message, params }) => (
    `${instancePath} ${message} ${JSON.stringify(params)}`)), []);
  return document;
}

for (const { name, schema } of CAPTURES) {
  await test(`the profile of ${name}`, () => {
    valid(profile(...(schema ? ['-s', file(schema)] : []), file(`${name}.pcapng`)));
  });
}

await test('the profile of TLS, opened and not', () => {
  const opened = valid(profile(file('testdata/captures/vitals-tls12-dsb.pcapng')));
  const closed = valid(profile(file('testdata/captures/vitals-tls12.pcapng')));
  assert.deepEqual([opened.tls.decrypted, closed.tls.decrypted], [2, 0]);
});

await test('a merged profile', () => {
  const parts = CAPTURES.slice(0, 2).map(({ name }, i) => {
    const part = `${WORK}/part${i}.json`;
    writeFileSync(part, JSON.stringify(profile(file(`${name}.pcapng`))));
    return part;
  });
  const merged = valid(JSON.parse(wirediet(['merge', '--format', 'json', ...parts])));
  assert.equal(merged.inputs.length, 2);
});

await test('the findings of the dashboard', () => {
  const { findings } = valid(JSON.parse(wirediet(['audit', '--format', 'json', '--fail-on', 'none', ...DASHBOARD])));
  assert.ok(findings.length > 30);
});

for (const folder of ['schemas/dashboard', 'schemas/dashboard/diet']) {
  for (const name of ['web', 'wall', 'server']) {
    await test(`the usage file of ${name} in ${folder}`, () => {
      valid(parse(text(`${folder}/${name}.usage.yaml`)));
    });
  }
  await test(`the configuration in ${folder}`, () => {
    valid(parse(text(`${folder}/.wirediet.yaml`)), 'config.schema.json');
  });
}

await test('a key that nothing reads is no configuration', () => {
  assert.ok(!byFormat.get('config.schema.json')({ budgets: [] }));
});

await test('the configuration that init writes', () => {
  valid(parse(wirediet(['init', '-o', '-'])), 'config.schema.json');
});
