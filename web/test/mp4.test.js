import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codecOf, createBoxReader, isFragmented } from '../mp4.js';

/** @param {string} type @param {...number} content */
function box(type, ...content) {
  const size = 8 + content.length;
  return [0, 0, size >> 8, size & 255, ...[...type].map((letter) => letter.charCodeAt(0)), ...content];
}

const avcC = box('avcC', 1, 0x42, 0xc0, 0x1e, 0xff);
const HEADER = [...box('ftyp', 1, 2, 3), ...box('moov', 0, 0, 0, ...avcC)];
const FIRST = [...box('moof', 9), ...box('mdat', 7, 7, 7)];
const SECOND = [...box('moof', 8), ...box('mdat', 6)];

test('reads profile, constraints and level from the header', () => {
  assert.equal(codecOf(Uint8Array.from(HEADER)), 'avc1.42C01E');
  assert.equal(codecOf(Uint8Array.from(box('moov', 1, 2, 3))), null);
});

test('tells the header of a stream from that of a whole file', () => {
  assert.equal(isFragmented(Uint8Array.from(HEADER)), false);
  assert.equal(isFragmented(Uint8Array.from([...box('ftyp', 1, 2, 3), ...box('moov', ...box('mvex', 0), ...avcC)])), true);
});

test('gives back header and fragments whole, however the bytes are cut', () => {
  const all = [...HEADER, ...FIRST, ...box('free'), ...SECOND];
  for (const step of [1, 2, 3, 7, 16, 1000]) {
    const reader = createBoxReader();
    const pieces = [];
    for (let at = 0; at < all.length; at += step) {
      pieces.push(...reader.push(Uint8Array.from(all.slice(at, at + step))));
    }
    assert.deepEqual(pieces.map((piece) => [...piece]), [HEADER, FIRST, SECOND], `step ${step}`);
  }
});

test('keeps half a fragment back', () => {
  const reader = createBoxReader();
  assert.equal(reader.push(Uint8Array.from(HEADER)).length, 1);
  assert.equal(reader.push(Uint8Array.from(FIRST.slice(0, -1))).length, 0);
  assert.equal(reader.push(Uint8Array.from(FIRST.slice(-1))).length, 1);
});

test('refuses what is no MP4', () => {
  assert.throws(() => createBoxReader().push(Uint8Array.from([0, 0, 0, 1, 65, 66, 67, 68])), /no MP4/);
});
