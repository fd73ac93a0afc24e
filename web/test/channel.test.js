import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOutbox, merge, notification } from '../channel.js';

test('sends one message for all updates of a frame', () => {
  const sent = [];
  const frames = [];
  const outbox = createOutbox((text) => sent.push(JSON.parse(text)) > 0, (callback) => frames.push(callback));
  outbox.put({ noise_scale: 0.1 });
  outbox.put({ noise_scale: 0.2 });
  outbox.put({ manage_cache: false });
  assert.equal(frames.length, 1);
  frames[0]();
  assert.deepEqual(sent, [{ noise_scale: 0.2, manage_cache: false }]);
});

test('keeps updates until the channel is open', () => {
  const sent = [];
  let open = false;
  const outbox = createOutbox((text) => open && sent.push(text) > 0, (callback) => callback());
  outbox.put({ paused: true });
  assert.deepEqual(sent, []);
  open = true;
  outbox.flush();
  outbox.flush();
  assert.deepEqual(sent, ['{"paused":true}']);
});

test('a reset outlives later updates', () => {
  assert.deepEqual(merge({ reset_cache: true }, { reset_cache: false, a: 1 }), { reset_cache: true, a: 1 });
});

test('of prompts and transition the later wins', () => {
  assert.deepEqual(merge({ transition: {} }, { prompts: [] }), { prompts: [] });
  assert.deepEqual(merge({ prompts: [] }, { transition: {} }), { transition: {} });
});

test('ignores what is no notification', () => {
  for (const data of ['', '{', 'null', '7', '{"kind":"x"}', '{"type":7}', new ArrayBuffer(2)]) {
    assert.equal(notification(data), null);
  }
  assert.deepEqual(notification('{"type":"stats","fps":1}'), { type: 'stats', fps: 1 });
});
