import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ideasOf, promptUpdate, shares } from '../prompts.js';

const SEA = { text: ' sea ', weight: 75 };
const SKY = { text: 'sky', weight: 25 };

test('jumps with prompts and glides with a transition', () => {
  const clean = [{ text: 'sea', weight: 75 }, SKY];
  assert.deepEqual(promptUpdate([SEA, SKY], 0), { prompts: clean });
  assert.deepEqual(promptUpdate([SEA, SKY], 4), {
    transition: { target_prompts: clean, num_steps: 4, temporal_interpolation_method: 'linear' },
  });
});

test('leaves out prompts without text', () => {
  assert.deepEqual(promptUpdate([SKY, { text: '  ', weight: 50 }], 0), { prompts: [SKY] });
});

test('takes ideas from the schema, if it has some', () => {
  const schema = (/** @type {object} */ text) => ({ config_schema: { properties: { prompts: { items: { properties: { text } } } } } });
  assert.deepEqual(ideasOf(schema({ type: 'string', examples: ['neon', 'fire'] })), ['neon', 'fire']);
  assert.deepEqual(ideasOf(schema({ type: 'string' })), []);
  assert.deepEqual(ideasOf({}), []);
  assert.deepEqual(ideasOf(undefined), []);
});

test('shows each share of the blend', () => {
  assert.deepEqual(shares([SEA, SKY]), [75, 25]);
  assert.deepEqual(shares([{ text: 'a', weight: 0 }, { text: 'b', weight: 0 }]), [50, 50]);
});
