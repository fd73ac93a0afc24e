import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aboutOf, aboutSeconds, createEstimate, picturesOf, progressOf, stateWord } from '../jobs.js';

test('guesses the end from how it went lately', () => {
  const estimate = createEstimate();
  assert.equal(estimate.secondsLeft(0, 0), null);
  assert.equal(estimate.secondsLeft(500, 0.05), null, 'too early to tell');
  assert.equal(estimate.secondsLeft(2000, 0.2), 8);
  for (let second = 3; second <= 60; second++) {
    estimate.secondsLeft(1000 * second, 0.2 + 0.002 * (second - 2));
  }
  const left = estimate.secondsLeft(61_000, 0.318) ?? 0;
  assert.ok(left > 300, `slow now, whatever it was at first: ${left}`);
  assert.equal(estimate.secondsLeft(62_000, 0), null, 'another attempt begins anew');
});

test('says how long in words that fit', () => {
  assert.deepEqual([0.4, 4.2, 33, 70, 400, 4000, 9000].map(aboutSeconds), [
    'a second', '4 seconds', '35 seconds', 'a minute', '7 minutes', 'an hour', '3 hours',
  ]);
});

test('says how a job stands', () => {
  assert.equal(progressOf({ state: 'queued' }, { before: 2 }), 'Waiting behind 2 other jobs.');
  assert.equal(progressOf({ state: 'queued' }, { before: 0 }), 'Starts in a moment.');
  const running = { state: 'running', progress: { chunks_done: 2, chunks_total: 8 } };
  assert.equal(progressOf(running, { secondsLeft: 12 }), 'Chunk 3 of 8, about 10 seconds left.');
  assert.equal(progressOf({ state: 'failed', error: { message: 'no space' } }), 'Failed: no space');
  assert.equal(stateWord({ state: 'running', cancel_requested: true }), 'Ending');
});

test('describes jobs of any face', () => {
  assert.equal(aboutOf({ pipeline: 'tiny', shape: { width: 256, height: 192, fps: 16, frames: 48 } }), 'tiny · 256×192 · 3.0 s at 16 fps');
  assert.equal(aboutOf({ pipeline: 'tiny', shape: { width: 1, height: 1, fps: 0, frames: 0 } }), 'tiny');
});

test('knows the pictures of a job', () => {
  const files = [
    { name: 'a_00001_.png', kind: 'image', media_type: 'image/png' },
    { name: 'thumbnail.jpg', kind: 'thumbnail', media_type: 'image/jpeg' },
    { name: 'video.mp4', kind: 'video', media_type: 'video/mp4' },
    { name: 'loop.webp', kind: 'video', media_type: 'image/webp' },
  ];
  assert.deepEqual(picturesOf({ files }).map(({ name }) => name), ['a_00001_.png', 'loop.webp']);
  assert.deepEqual(picturesOf({}), []);
});
