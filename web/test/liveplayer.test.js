import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAppender } from '../liveplayer.js';

/** Holds so many seconds, one per piece. @param {number} room */
function scriptedBuffer(room) {
  const buffer = Object.assign(new EventTarget(), {
    mode: '',
    start: 0,
    end: 0,
    busy: false,
    most: 0,
    buffered: { length: 1, start: () => buffer.start, end: () => buffer.end },
    /** @param {Uint8Array} piece */
    appendBuffer(piece) {
      assert.ok(!buffer.busy, 'one append at a time');
      if (buffer.end - buffer.start >= room) {
        throw new DOMException('full', 'QuotaExceededError');
      }
      buffer.end += piece.length;
      buffer.most = Math.max(buffer.most, buffer.end - buffer.start);
      buffer.work();
    },
    /** @param {number} from @param {number} to */
    remove(from, to) {
      assert.equal(from, buffer.start);
      buffer.start = to;
      buffer.work();
    },
    work() {
      buffer.busy = true;
      setTimeout(() => {
        buffer.busy = false;
        buffer.dispatchEvent(new Event('updateend'));
      });
    },
  });
  return buffer;
}

test('drops what was seen, and only that, when the browser has no room', async () => {
  const buffer = scriptedBuffer(10);
  const video = Object.assign(new EventTarget(), { currentTime: 0 });
  const appender = createAppender(/** @type {any} */ (video), /** @type {any} */ (buffer), new AbortController().signal);
  for (let piece = 0; piece < 10; piece++) {
    await appender.append(new Uint8Array(1));
  }
  assert.equal(appender.dropped(), false);

  let there = false;
  const next = appender.append(new Uint8Array(1)).then(() => {
    there = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(there, false, 'nothing has been seen yet: it waits');
  video.currentTime = 8;
  video.dispatchEvent(new Event('timeupdate'));
  await next;
  assert.equal(appender.dropped(), true);
  assert.equal(buffer.start, 3, 'a moment before the present stays');
  assert.ok(buffer.most <= 10);
});

test('says when the browser cannot decode what it got', async () => {
  const buffer = scriptedBuffer(10);
  const video = Object.assign(new EventTarget(), { currentTime: 0 });
  const appender = createAppender(/** @type {any} */ (video), /** @type {any} */ (buffer), new AbortController().signal);
  const appended = appender.append(new Uint8Array(1));
  buffer.dispatchEvent(new Event('error'));
  await assert.rejects(appended, /cannot decode/);
});

test('waits for nothing any more once it is told to end', async () => {
  const buffer = scriptedBuffer(0);
  const video = Object.assign(new EventTarget(), { currentTime: 0 });
  const ending = new AbortController();
  const appender = createAppender(/** @type {any} */ (video), /** @type {any} */ (buffer), ending.signal);
  const waiting = appender.append(new Uint8Array(1));
  ending.abort();
  await assert.rejects(waiting);
});
