// SARIF 2.1.0 as its own JSON Schema has it: the first tour's findings, and what a reader on GitHub needs of them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { DASHBOARD, file, test, wirediet } from './lib.mjs';

const folder = createRequire(import.meta.url).resolve('@microsoft/sarif-multitool-linux/package.json').replace(/[^/]*$/, '');
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
const validate = ajv.compile(JSON.parse(readFileSync(`${folder}sarif-2.1.0.json`)));
const sarif = (...args) => JSON.parse(wirediet(['audit', '--format', 'sarif', '--fail-on', 'none', ...args]));

function valid(log) {
  validate(log);
  assert.deepEqual((validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`), []);
  return log;
}

let results;
await test('the findings of the dashboard are valid SARIF', () => {
  ({ results } = valid(sarif(...DASHBOARD)).runs[0]);
  assert.ok(results.length > 30);
  return `${results.length} results`;
});

await test('every finding about a declared field points at its line', () => {
  const schema = readFileSync(file('schemas/dashboard/dashboard.yaml'), 'utf8').split('\n');
  let count = 0;
  for (const { message, locations, ruleId } of results) {
    const place = locations?.[0]?.physicalLocation;
    if (!place || !place.artifactLocation.uri.endsWith('dashboard.yaml')) continue;
    assert.ok(!place.artifactLocation.uri.startsWith('/'), `${ruleId}: an absolute address`);
    const line = schema[place.region.startLine - 1];
    assert.ok(/^ *[\w$'"-]+:/.test(line), `${ruleId} ${message.text}: line ${place.region.startLine} is '${line}'`);
    count++;
  }
  assert.ok(count > 20);
  return `${count} places`;
});

await test('every result has a fingerprint of its own that holds no line number', () => {
  const prints = results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints));
  assert.ok(prints.every(Boolean));
  assert.equal(new Set(prints).size, prints.length);
});

await test('a capture without schema or usage gives valid SARIF too', () => {
  valid(sarif('-p', file('testdata/captures/ticker-sse-plain.pcapng')));
});
