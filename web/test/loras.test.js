import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadUpdate, lorasOf, scaleUpdate, takesLoras } from '../loras.js';

const FILES = [
  { path: '/models/lora/ink.safetensors', name: 'ink' },
  { path: '/models/lora/oil.safetensors', name: 'oil' },
];

test('knows what is loaded by any of its names', () => {
  for (const path of ['ink', 'ink.safetensors', '/models/lora/ink.safetensors']) {
    const [ink, oil] = lorasOf(FILES, { loras: [{ path, scale: 0.4, merge_mode: 'runtime_peft' }] });
    assert.deepEqual(ink, { path, name: 'ink', chosen: true, fixed: false, scale: 0.4 });
    assert.deepEqual(oil, { path: FILES[1].path, name: 'oil', chosen: false, fixed: false, scale: 1 });
  }
});

test('asks for scales of those only that keep one', () => {
  const loras = lorasOf(FILES, { loras: [{ path: 'ink' }, { path: 'oil', scale: 0, merge_mode: 'runtime_peft' }] });
  assert.equal(loras[0].fixed, true);
  assert.deepEqual(scaleUpdate(loras), { lora_scales: [{ path: 'oil', scale: 0 }] });
  assert.deepEqual(scaleUpdate([]), {});
});

test('loads what is chosen so that its scale can change', () => {
  const loras = lorasOf(FILES, {});
  assert.deepEqual(loadUpdate(loras), { loras: [] });
  loras[1].chosen = true;
  assert.deepEqual(loadUpdate(loras), { loras: [{ path: FILES[1].path, scale: 1, merge_mode: 'runtime_peft' }] });
});

test('is there for pipelines that take such files', () => {
  assert.equal(takesLoras({ config_schema: { properties: { loras: { ui: { component: 'lora' } } } } }), true);
  assert.equal(takesLoras({ config_schema: { properties: {} } }), false);
  assert.equal(takesLoras(undefined), false);
});
