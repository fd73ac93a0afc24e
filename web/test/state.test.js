import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backOffMs, describe, isRunning, retryAfterSeconds } from '../state.js';

test('waits longer after each failure, but never longer than ten seconds', () => {
  const waits = [0, 1, 2, 3, 4, 5, 50].map((attempt) => backOffMs(attempt, () => 1));
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
});

test('spreads the waits of many viewers', () => {
  assert.equal(backOffMs(1, () => 0), 750);
});

test('reads Retry-After as seconds and as a date', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  assert.equal(retryAfterSeconds('7', now), 7);
  assert.equal(retryAfterSeconds('Thu, 01 Jan 2026 00:00:30 GMT', now), 30);
});

test('keeps Retry-After within reason', () => {
  assert.equal(retryAfterSeconds('99999999', 0), 300);
  assert.equal(retryAfterSeconds('0', 0), 1);
  assert.equal(retryAfterSeconds('soon', 0), 5);
  assert.equal(retryAfterSeconds(null, 0), 5);
});

test('says what went wrong and what to do', () => {
  assert.equal(describe({ phase: 'error', detail: 'GPU memory ran out' }).advice, 'GPU memory ran out. Press Start to try again.');
  assert.equal(describe({ phase: 'busy', detail: 'All places are taken', seconds: 3 }).advice, 'All places are taken. Next try in 3 s.');
});

test('can be stopped while it waits for a place', () => {
  assert.ok(isRunning('busy'));
  assert.ok(!isRunning('error'));
});
