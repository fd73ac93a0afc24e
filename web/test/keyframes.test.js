import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chunkAt, chunksOf, framesBefore, freeChunk, moved, ofSchedule, roomiest, segments, toRequest, troubleOf } from '../keyframes.js';

const GEOMETRY = { first: 9, later: 12, group: 1 };
const at = (...chunks) => chunks.map((chunk) => ({ chunk, prompt: `prompt ${chunk}`, transition: 0 }));

test('counts whole chunks, of which the first may be shorter', () => {
  assert.deepEqual([1, 9, 10, 21, 22, 57].map((frames) => chunksOf(frames, GEOMETRY)), [1, 1, 2, 2, 3, 5]);
  assert.deepEqual([0, 1, 2].map((chunk) => framesBefore(chunk, GEOMETRY)), [0, 9, 21]);
  assert.deepEqual([0, 8, 9, 20, 21].map((frame) => chunkAt(frame, GEOMETRY)), [0, 0, 1, 1, 2]);
});

test('leaves the first prompt where it is and keeps the others in order', () => {
  const keyframes = at(0, 3, 6);
  assert.equal(moved(keyframes, 0, 2, 10), keyframes);
  assert.equal(moved(keyframes, 1, 9, 10)[1].chunk, 5);
  assert.equal(moved(keyframes, 1, -4, 10)[1].chunk, 1);
  assert.equal(moved(keyframes, 2, 99, 10)[2].chunk, 9);
});

test('finds room for another prompt', () => {
  assert.equal(roomiest(at(0, 2), 10), 6);
  assert.equal(freeChunk(at(0, 2), 2, 10), 3);
  assert.equal(freeChunk(at(0), 0, 10), 1);
  assert.equal(freeChunk(at(0, 1, 2), 1, 3), null);
});

test('shows how far each prompt and its glide reach', () => {
  const keyframes = [...at(0, 2), { chunk: 4, prompt: 'late', transition: 9 }, ...at(30)];
  assert.deepEqual(
    segments(keyframes, 8).map(({ from, to, glideTo }) => [from, to, glideTo]),
    [[0, 2, 0], [2, 4, 2], [4, 8, 8]],
  );
});

test('asks for what is inside the video only', () => {
  const keyframes = [...at(0), { chunk: 2, prompt: ' a dog ', transition: 3 }, ...at(8)];
  assert.deepEqual(toRequest(keyframes, 8), [{ chunk: 2, prompt: 'a dog', transition_chunks: 3 }]);
  assert.equal(troubleOf(keyframes, 8), null);
  assert.equal(troubleOf([...at(0), { chunk: 2, prompt: ' ', transition: 0 }], 8)?.index, 1);
  assert.equal(troubleOf([...at(0), { chunk: 9, prompt: ' ', transition: 0 }], 8), null);
});

test('reads the plan of a job back', () => {
  const schedule = {
    dense: { base_seed: [7, 8] },
    steady: {},
    keyframes: {
      10: { prompts: [{ text: 'c', weight: 1 }, { text: 'd', weight: 1 }] },
      0: { prompts: [{ text: 'a', weight: 100 }], noise_scale: 0.5 },
      3: { transition: { target_prompts: [{ text: 'b', weight: 100 }], num_steps: 25 } },
      5: { reset_cache: true },
    },
  };
  assert.deepEqual(ofSchedule(schedule, 12), {
    keyframes: [
      { chunk: 0, prompt: 'a', transition: 0 },
      { chunk: 3, prompt: 'b', transition: 2 },
      { chunk: 10, prompt: 'c, d', transition: 0 },
    ],
    values: { base_seed: 7, noise_scale: 0.5 },
  });
  assert.deepEqual(ofSchedule(null, 1).keyframes, [{ chunk: 0, prompt: '', transition: 0 }]);
});
