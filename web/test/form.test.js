import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldsOf, parseIntegers } from '../form.js';

/** @param {Record<string, any>} properties @param {object} [rest] */
const pipeline = (properties, rest = {}) => ({ config_schema: { properties, ...rest } });

test('draws only properties with a ui object, in their order, then by name', () => {
  const fields = fieldsOf(
    pipeline({
      late: { type: 'boolean', ui: {} },
      hidden: { type: 'boolean' },
      second: { type: 'boolean', ui: { order: 2 } },
      first: { type: 'boolean', ui: { order: 1 } },
      also: { type: 'boolean', ui: {} },
    }),
    'text',
  );
  assert.deepEqual(fields.map(({ name }) => name), ['first', 'second', 'also', 'late']);
});

test('chooses the control by type', () => {
  const ui = {};
  const controls = Object.fromEntries(
    fieldsOf(
      pipeline(
        {
          toggle: { type: 'boolean', ui },
          choice: { $ref: '#/$defs/Choice', ui },
          slider: { type: 'number', minimum: 0, maximum: 1, ui },
          open: { type: 'number', minimum: 0, ui },
          seed: { type: 'integer', minimum: 0, maximum: 2147483647, ui },
          words: { anyOf: [{ type: 'string' }, { type: 'null' }], ui },
          list: { anyOf: [{ type: 'array', items: { type: 'integer' } }, { type: 'null' }], ui },
          pictures: { type: 'array', items: { type: 'string' }, ui },
        },
        { $defs: { Choice: { type: 'string', enum: ['a', 'b'] } } },
      ),
      'text',
    ).map(({ name, control }) => [name, control]),
  );
  assert.deepEqual(controls, {
    choice: 'select',
    list: 'integers',
    open: 'number',
    seed: 'number',
    slider: 'slider',
    toggle: 'toggle',
    words: 'text',
  });
});

test('hides what belongs to another mode', () => {
  const one = pipeline({ noise: { type: 'number', ui: { modes: ['video'] } } });
  assert.equal(fieldsOf(one, 'video').length, 1);
  assert.equal(fieldsOf(one, 'text').length, 0);
});

test('takes the default of the mode before that of the schema', () => {
  const one = {
    ...pipeline({ denoising_steps: { type: 'array', items: { type: 'integer' }, default: [700], ui: { is_load_param: false } } }),
    mode_defaults: { video: { denoising_steps: [1000, 750] } },
  };
  assert.deepEqual(fieldsOf(one, 'video')[0].value, [1000, 750]);
  assert.deepEqual(fieldsOf(one, 'text')[0].value, [700]);
});

test('knows the steps that a mode starts with by either name', () => {
  const one = {
    ...pipeline({ denoising_step_list: { type: 'array', items: { type: 'integer' }, ui: { is_load_param: false } } }),
    mode_defaults: { video: { denoising_steps: [1000, 750] } },
  };
  assert.deepEqual(fieldsOf(one, 'video')[0].value, [1000, 750]);
  assert.equal(fieldsOf(one, 'text')[0].value, null);
});

test('counts a property without the flag as one for the load', () => {
  const [plain] = fieldsOf(pipeline({ width: { type: 'integer', ui: {} } }), 'text');
  assert.ok(plain.onLoad);
});

test('sends the step list by its runtime name', () => {
  const steps = (ui) => fieldsOf(pipeline({ denoising_steps: { type: 'array', items: { type: 'integer' }, ui } }), 'text')[0];
  assert.equal(steps({ is_load_param: false }).sendAs, 'denoising_step_list');
  assert.equal(steps({ is_load_param: true }).sendAs, 'denoising_steps');
});

test('reads lists of integers as people write them', () => {
  assert.deepEqual(parseIntegers(' 1000, 750 500;250 '), [1000, 750, 500, 250]);
  assert.equal(parseIntegers('1000, half'), null);
  assert.equal(parseIntegers(''), null);
});
