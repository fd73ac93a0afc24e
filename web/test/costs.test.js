import assert from 'node:assert/strict';
import { test } from 'node:test';
import { costTable, millis } from '../costs.js';

const cost = (kind, batch, more = {}) => ({ pipeline: 'tiny', kind, form: '256x256', batch, mean_us: 1000 * batch, p50_us: 1, p95_us: 2, count: 3, ...more });

test('shows a row per kind of step and a column per batch size', () => {
  const { batches, rows } = costTable([cost('denoise', 4), cost('denoise', 1), cost('decode', 2), cost('denoise', 1, { pipeline: 'other' })]);
  assert.deepEqual(batches, [1, 2, 4]);
  assert.deepEqual(
    rows.map(({ pipeline, kind, cells }) => [pipeline, kind, ...cells.map((each) => each?.mean_us ?? null)]),
    [
      ['other', 'denoise', 1000, null, null],
      ['tiny', 'decode', null, 2000, null],
      ['tiny', 'denoise', 1000, null, 4000],
    ],
  );
  assert.deepEqual(costTable([]), { batches: [], rows: [] });
});

test('tells times as exactly as is of use', () => {
  assert.deepEqual([120, 9994, 9999, 12_345, 123_456].map(millis), ['0.12', '9.99', '10.0', '12.3', '123']);
});
