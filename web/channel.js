// @ts-check

/**
 * Lays an update over the one that waits: later wins per member, `reset_cache` stays on, and of `prompts` and
 * `transition` only the later survives, because a transition would beat prompts in the same message.
 *
 * @param {Record<string, unknown>} waiting
 * @param {Record<string, unknown>} update
 * @returns {Record<string, unknown>}
 */
export function merge(waiting, update) {
  const merged = { ...waiting, ...update };
  if (waiting.reset_cache === true) {
    merged.reset_cache = true;
  }
  if ('prompts' in update && !('transition' in update)) {
    delete merged.transition;
  }
  if ('transition' in update) {
    delete merged.prompts;
  }
  return merged;
}

/**
 * Reads a notification; anything that is not an object with a `type` is none of ours.
 *
 * @param {unknown} data
 * @returns {({type: string} & Record<string, any>) | null}
 */
export function notification(data) {
  if (typeof data !== 'string') {
    return null;
  }
  try {
    const message = JSON.parse(data);
    return message && typeof message.type === 'string' ? message : null;
  } catch {
    return null;
  }
}

/**
 * Collects parameter updates and sends at most one message per animation frame.
 *
 * @param {(text: string) => boolean} send false while the channel is not open; the update then waits
 * @param {(callback: () => void) => void} nextFrame
 */
export function createOutbox(send, nextFrame) {
  /** @type {Record<string, unknown>} */
  let waiting = {};
  let planned = false;

  function flush() {
    planned = false;
    if (Object.keys(waiting).length > 0 && send(JSON.stringify(waiting))) {
      waiting = {};
    }
  }

  return {
    /** @param {Record<string, unknown>} update */
    put(update) {
      waiting = merge(waiting, update);
      if (!planned) {
        planned = true;
        nextFrame(flush);
      }
    },
    flush,
    clear() {
      waiting = {};
    },
  };
}
