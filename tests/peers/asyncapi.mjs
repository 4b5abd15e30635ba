// AsyncAPI's own parser reads what `prune` writes, and finds in it exactly what was to stay.
import assert from 'node:assert/strict';
import { Parser } from '@asyncapi/parser';
import { parse } from 'yaml';
import { DASHBOARD, file, json, lines, test, text, wirediet } from './lib.mjs';
import { closed, without } from './lib-schema.mjs';

const planted = json('testdata/dashboard/planted.json');
const original = text('schemas/dashboard/dashboard.yaml');
const errors = (diagnostics) => diagnostics.filter(({ severity }) => severity === 0).map(({ message }) => message);

async function parsed(source) {
  const { document, diagnostics } = await new Parser().parse(source);
  assert.deepEqual(errors(diagnostics), []);
  return document;
}

let pruned;
await test('the pruned schema parses', async () => {
  pruned = wirediet(['prune', ...DASHBOARD]);
  await parsed(pruned);
});

await test('the pruned schema lost the unread message and nothing else of that size', async () => {
  const names = (document) => document.allMessages().all().map((message) => message.name()).sort();
  const [before, after] = [await parsed(original), await parsed(pruned)].map(names);
  assert.deepEqual([...new Set(after)], [...new Set(before)].filter((name) => !planted.pruned.messages.includes(name)));
});

await test('captured messages fit the schema as it was', () => {
  const fits = closed(parse(original), { allow: { metrics: ['requests.queued'] } });
  let count = 0;
  for (const { type, payload } of lines('testdata/dashboard/naive.messages.ndjson.gz')) {
    if (type === 'ack') continue; // the schema does not know it
    assert.deepEqual(fits(type, JSON.parse(payload)), []);
    count++;
  }
  assert.ok(count > 700);
  return `${count} messages`;
});

await test('captured messages, once pruned, fit the pruned schema, and have no member more than it declares', () => {
  const fits = closed(parse(pruned), { allow: { metrics: ['requests.queued'] } });
  let count = 0;
  for (const { type, payload } of lines('testdata/dashboard/naive.messages.ndjson.gz')) {
    if (type === 'ack' || planted.pruned.messages.includes(type)) continue;
    assert.deepEqual(fits(type, without(JSON.parse(payload), planted.pruned[type] ?? [])), []);
    count++;
  }
  assert.ok(count > 700);
  return `${count} messages`;
});

await test('a message that was not pruned does not fit the pruned schema', () => {
  const fits = closed(parse(pruned), { allow: { metrics: ['requests.queued'] } });
  const { payload } = lines('testdata/dashboard/naive.messages.ndjson.gz').find(({ type }) => type === 'metrics');
  for (const path of planted.pruned.metrics) {
    const others = planted.pruned.metrics.filter((other) => other !== path);
    assert.notDeepEqual(fits('metrics', without(JSON.parse(payload), others)), [], `${path} is still declared`);
  }
});

await test('messages on a diet fit the schema of the diet', () => {
  const fits = closed(parse(text('schemas/dashboard/diet/dashboard.yaml')));
  for (const { type, payload } of lines('testdata/dashboard/diet.messages.ndjson.gz')) {
    assert.deepEqual(fits(type, JSON.parse(payload)), []);
  }
});

await test('what is deprecated instead of removed parses too, and every message still fits', async () => {
  const deprecated = wirediet(['prune', ...DASHBOARD, '--stage', 'deprecate']);
  await parsed(deprecated);
  const fits = closed(parse(deprecated), { allow: { metrics: ['requests.queued'] } });
  for (const { type, payload } of lines('testdata/dashboard/naive.messages.ndjson.gz')) {
    if (type !== 'ack') assert.deepEqual(fits(type, JSON.parse(payload)), []);
  }
});
