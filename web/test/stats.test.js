import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ratesOf, sampleOf } from '../stats.js';

test('turns two samples into rates', () => {
  const before = { atMs: 0, framesIn: 10, framesOut: 5, bytes: 0 };
  const rates = ratesOf(before, { atMs: 2000, framesIn: 60, framesOut: 65, bytes: 1_000_000, lost: 3 }, {}, null);
  assert.equal(rates.fpsOut, 25);
  assert.equal(rates.fpsIn, 30);
  assert.equal(rates.megabits, 4);
  assert.equal(rates.dropped, 3);
});

test('adds the way back to the latency of the server', () => {
  const now = { atMs: 0, roundTripMs: 20, bufferMs: 15 };
  assert.equal(ratesOf(null, now, { latency_ms: 100 }, null).latencyMs, 125);
});

test('counts steps between two notices of the server', () => {
  assert.equal(ratesOf(null, { atMs: 0 }, { atMs: 2000, steps: 90 }, { atMs: 1000, steps: 40 }).stepsPerSecond, 50);
});

test('leaves unknown values out', () => {
  assert.deepEqual(Object.values(ratesOf(null, { atMs: 0 }, {}, null)), Array(6).fill(undefined));
});

test('never shows a negative rate after a reconnection', () => {
  assert.equal(ratesOf({ atMs: 0, framesIn: 900 }, { atMs: 1000, framesIn: 3 }, {}, null).fpsOut, 0);
});

test('picks the video streams and the path in use', () => {
  const report = [
    { type: 'inbound-rtp', kind: 'audio', framesDecoded: 1 },
    { type: 'inbound-rtp', kind: 'video', framesDecoded: 7, bytesReceived: 9, framesDropped: 1, jitterBufferDelay: 2, jitterBufferEmittedCount: 100 },
    { type: 'outbound-rtp', kind: 'video', framesSent: 8 },
    { type: 'candidate-pair', nominated: false, currentRoundTripTime: 9 },
    { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.004 },
  ];
  assert.deepEqual(sampleOf(report, 1), { atMs: 1, framesIn: 7, bytes: 9, lost: 1, bufferMs: 20, framesOut: 8, roundTripMs: 4 });
});
