import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ensureLoaded, firstChoice, needsLoad, startable } from '../pipelines.js';

test('offers main pipelines only, by name', () => {
  const offered = startable({
    b: { id: 'b', name: 'Beta', usage: [] },
    pre: { id: 'pre', name: 'Depth', usage: ['preprocessor'] },
    broken: { id: 'broken', name: 'Broken', schema_error: 'no' },
    a: { id: 'a', name: 'Alpha' },
  });
  assert.deepEqual(offered.map(({ id }) => id), ['a', 'b']);
});

test('starts with what is loaded, else with what makes pictures of prompts', () => {
  const pipelines = [
    { id: 'mirror', supported_modes: ['video'] },
    { id: 'painter', supported_modes: ['video', 'text'] },
  ];
  assert.equal(firstChoice(pipelines, 'mirror'), 'mirror');
  assert.equal(firstChoice(pipelines, null), 'painter');
  assert.equal(firstChoice(pipelines, 'gone'), 'painter');
  assert.equal(firstChoice(pipelines.slice(0, 1), null), 'mirror');
  assert.equal(firstChoice([], null), '');
});

test('leaves a loaded pipeline alone unless something differs', () => {
  const status = { status: 'loaded', pipeline_id: 'a', load_params: { width: 512 } };
  assert.ok(!needsLoad(status, 'a', {}));
  assert.ok(!needsLoad(status, 'a', { width: 512 }));
  assert.ok(needsLoad(status, 'a', { width: 256 }));
  assert.ok(needsLoad(status, 'b', {}));
  assert.ok(needsLoad({ ...status, status: 'error' }, 'a', {}));
});

test('says why a load failed', async () => {
  const answers = [{ status: 'not_loaded' }, { status: 'error', error: 'weights are missing' }];
  const api = { status: async () => answers.shift(), load: async () => ({}) };
  await assert.rejects(
    ensureLoaded(api, 'a', {}, () => undefined, new AbortController().signal),
    /weights are missing/,
  );
});

test('keeps what it was loaded with but for what is set anew', async () => {
  const loaded = { status: 'loaded', pipeline_id: 'a', load_params: { model: 'm', width: 512 } };
  /** @type {any[]} */
  const asked = [];
  const api = { status: async () => loaded, load: async (/** @type {any[]} */ ...request) => void asked.push(request) };
  await ensureLoaded(api, 'a', { width: 256 }, () => undefined, new AbortController().signal);
  await ensureLoaded(api, 'b', { width: 256 }, () => undefined, new AbortController().signal);
  assert.deepEqual(asked, [
    ['a', { model: 'm', width: 256 }],
    ['b', { width: 256 }],
  ]);
});

test('stops waiting when asked to', async () => {
  const stop = new AbortController();
  const api = { status: async () => ({ status: 'loading' }), load: async () => stop.abort() };
  await assert.rejects(ensureLoaded(api, 'a', {}, () => undefined, stop.signal), { name: 'AbortError' });
});
