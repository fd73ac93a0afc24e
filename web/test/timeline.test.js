import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPalette, createSpanStore, describeBar, rowsOf, summaryOf } from '../timeline.js';

const span = (sequence, more = {}) => ({
  sequence, owner: 'a', run: sequence, kind: 'STEP', lane: 'unet', device: 'gpu0', start_us: sequence * 1000, run_us: 900, deadline_met: true, ...more,
});

test('takes each span once, and asks for the next', () => {
  const store = createSpanStore();
  store.add({ spans: [span(1), span(2)], next: 3, now_us: 3000 }, 0);
  store.add({ spans: [span(2), span(3)], next: 4, now_us: 4000 }, 1);
  assert.deepEqual(store.spans().map(({ sequence }) => sequence), [1, 2, 3]);
  assert.equal(store.next(), 4);
});

test('follows the clock of the server', () => {
  const store = createSpanStore();
  store.add({ now_us: 5_000_000 }, 100);
  assert.equal(store.clockUs(101), 5_001_000);
});

test('forgets what has left the picture, and stays bounded', () => {
  const store = createSpanStore();
  store.add({ spans: [span(1)], next: 2, now_us: 1000 }, 0);
  store.add({ spans: [], next: 2, now_us: 60_000_000 }, 60_000);
  assert.deepEqual(store.spans(), []);
  store.add({ spans: Array.from({ length: 9000 }, (_, index) => span(index + 2, { start_us: 60_000_000 })), now_us: 60_000_000 }, 60_000);
  assert.equal(store.spans().length, 4000);
});

test('draws a batch as one bar that its sessions share', () => {
  const rows = rowsOf([
    span(1, { start_us: 5 }),
    span(2, { start_us: 5, owner: 'b', deadline_met: false }),
    span(3, { lane: 'vae' }),
  ]);
  assert.deepEqual(rows.map(({ name, bars }) => [name, bars.length]), [['gpu0 · unet', 1], ['gpu0 · vae', 1]]);
  assert.equal(rows[0].bars[0].members.length, 2);
  assert.equal(rows[0].bars[0].deadline_met, false);
});

test('tells the picture in words', () => {
  const rows = rowsOf([span(1), span(2, { start_us: 1000, owner: 'b' }), span(3, { deadline_met: false })]);
  assert.equal(summaryOf(rows, 'b'), '2 runs on 1 lane for 2 sessions, yours among them; 1 shared by several sessions, 1 late.');
  assert.equal(summaryOf([], null), 'The engine is at rest.');
  assert.deepEqual(describeBar(rows[0].bars[0], 'b'), ['STEP', '0.9 ms', 'shared by a, you']);
});

test('gives 16 sessions 16 colours, and each its own again', () => {
  const palette = createPalette();
  const owners = Array.from({ length: 16 }, (_, index) => `s${index}`);
  const colours = owners.map((owner) => JSON.stringify(palette(owner)));
  assert.equal(new Set(colours).size, 16);
  assert.deepEqual(owners.map((owner) => JSON.stringify(palette(owner))), colours);
});

test('names a few of those that share a bar, the longest wait, and how many are late', () => {
  const members = Array.from({ length: 8 }, (_, index) =>
    span(index, { start_us: 5, owner: `s${index}`, queue_us: index * 1000, deadline_met: index > 1 }));
  const [{ bars: [bar] }] = rowsOf(members);
  assert.deepEqual(describeBar(bar, null).slice(1), ['0.9 ms, waited 7.0 ms', 'shared by s0, s1, s2, s3, 4 more', 'late for 2 of 8']);
});
