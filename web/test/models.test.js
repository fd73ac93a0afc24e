import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindModels, describeModels, duration } from '../models.js';

test('says nothing when all is there', () => {
  assert.deepEqual(describeModels({ downloaded: true, progress: null }), { text: '', percent: null, action: null });
});

test('offers what is missing, and says why it failed last time', () => {
  assert.equal(describeModels({ downloaded: false, progress: null }).action, 'download');
  const failed = describeModels({ downloaded: false, progress: { is_downloading: false, error: 'no token' } });
  assert.deepEqual(failed, { text: 'no token', percent: null, action: 'download' });
});

test('tells how far all files are, how fast, and how long it takes', () => {
  const total = { percentage: 25, bytes: 500e6, total_bytes: 2e9, bytes_per_second: 12.5e6, eta_seconds: 120 };
  const shown = describeModels({ downloaded: false, progress: { is_downloading: true, percentage: 3, total } });
  assert.deepEqual(shown, { text: '500 of 2000 MB, 12.5 MB/s, 2 min left', percent: 25, action: 'cancel' });
  const early = describeModels({ downloaded: false, progress: { is_downloading: true, percentage: 0, total: { percentage: 0 } } });
  assert.equal(early.text, 'Looking up what is needed.');
});

test('rounds the time left up', () => {
  assert.equal(duration(59), '59 s');
  assert.equal(duration(61), '2 min');
  assert.equal(duration(3601), '1 h 1 min');
});

function place() {
  /** @type {Record<string, any>} */
  const listeners = {};
  return {
    hidden: false,
    textContent: '',
    value: 0,
    addEventListener: (/** @type {string} */ name, /** @type {any} */ listener) => (listeners[name] = listener),
    press: () => listeners.click(),
  };
}

test('a press of Download begins it, and an answer for a pipeline chosen before changes nothing', async () => {
  const asked = [];
  const places = { box: place(), text: place(), bar: place(), download: place(), cancel: place() };
  /** @type {(value: any) => void} */
  let answer = () => undefined;
  const api = {
    modelStatus: async (id) => (id === 'slow' ? new Promise((resolve) => (answer = resolve)) : { downloaded: true, progress: null }),
    downloadModels: async (id) => asked.push(id),
    cancelDownload: async () => undefined,
  };
  const models = bindModels(places, /** @type {any} */ (api));
  models.show({ id: 'slow', requires_models: true });
  models.show({ id: 'plain', requires_models: false });
  answer({ downloaded: false, progress: null });
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(places.box.hidden);
  models.show({ id: 'big', requires_models: true });
  await places.download.press();
  assert.deepEqual(asked, ['big']);
  assert.ok(places.box.hidden, 'all is there now');
});
