// @ts-check

/** Longest header of a stream; protects memory from a stream that is no MP4. */
const LONGEST_BOX = 1 << 30;

/**
 * Takes the bytes of a fragmented MP4 as they come, and gives them back in pieces that a player can take: first the
 * header (ftyp and moov), then fragment after fragment (moof and mdat).
 */
export function createBoxReader() {
  /** @type {Uint8Array[]} */
  let waiting = [];
  let held = 0;
  /** @type {Uint8Array[]} */
  let piece = [];

  /** @param {number} count @returns {Uint8Array} */
  function take(count) {
    const taken = join(waiting, held);
    waiting = [taken.subarray(count)];
    held -= count;
    return taken.subarray(0, count);
  }

  return {
    /**
     * @param {Uint8Array} bytes
     * @returns {Uint8Array[]} pieces that are whole now
     */
    push(bytes) {
      waiting.push(bytes);
      held += bytes.length;
      const whole = [];
      while (held >= 8) {
        waiting = [join(waiting, held)];
        const { type, size } = boxAt(waiting[0], 0);
        if (size > LONGEST_BOX || size < 8) {
          throw new Error(`The stream is no MP4: a box "${type}" of ${size} bytes`);
        }
        if (held < size) {
          break;
        }
        const box = take(size);
        if (type !== 'free') {
          piece.push(box);
        }
        if (type === 'moov' || type === 'mdat') {
          whole.push(join(piece));
          piece = [];
        }
      }
      return whole;
    },
  };
}

/**
 * The codec string of a header, from its avcC box (ISO/IEC 14496-15): profile, constraints and level.
 *
 * @param {Uint8Array} header ftyp and moov
 * @returns {string | null} such as "avc1.42C01E"; null if there is no H.264 in it
 */
export function codecOf(header) {
  const at = find(header, 'avcC');
  return at > 0 && header[at + 4] === 1 ? `avc1.${[5, 6, 7].map((byte) => hex(header[at + byte])).join('')}` : null;
}

/** Whether fragments follow a header, as mvex in it says; else it is that of a whole file. @param {Uint8Array} header */
export function isFragmented(header) {
  return find(header, 'mvex') > 0;
}

/** Where the type of a box stands, at whatever depth; -1 if nowhere. @param {Uint8Array} header @param {string} type */
function find(header, type) {
  for (let at = 4; at + 8 <= header.length; at++) {
    if (typeAt(header, at) === type) {
      return at;
    }
  }
  return -1;
}

/** @param {Uint8Array} bytes @param {number} at */
function boxAt(bytes, at) {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  return { size: view.getUint32(0), type: typeAt(bytes, at + 4) };
}

/** @param {Uint8Array} bytes @param {number} at */
function typeAt(bytes, at) {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

/** @param {number} byte */
function hex(byte) {
  return byte.toString(16).padStart(2, '0').toUpperCase();
}

/** @param {Uint8Array[]} parts @param {number} [length] @returns {Uint8Array} */
function join(parts, length = parts.reduce((sum, part) => sum + part.length, 0)) {
  if (parts.length === 1) {
    return parts[0];
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
