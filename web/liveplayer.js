// @ts-check
import { codecOf, createBoxReader, isFragmented } from './mp4.js';

/** What stays of the past when the browser has no room for more: enough to look back a moment. */
const KEPT_BEHIND_S = 5;

/** Between attempts to open a stream that broke. */
const RETRY_MS = 1500;

/**
 * Plays the video of a job while it is made, and the finished file afterwards.
 *
 *   idle --follow--> growing --end of the stream--> whole
 *                      | '--- past frames had to go ---> file, once finish() has said where it is
 *                      '--- broken, or not for this browser ---> file, likewise
 *   idle --finish--> file
 *
 * @param {HTMLVideoElement} video
 * @param {(id: string, signal: AbortSignal) => Promise<Response>} open
 * @param {() => void} onPicture something can be seen
 */
export function createLivePlayer(video, open, onPicture) {
  /** @type {'idle' | 'growing' | 'whole' | 'broken'} */
  let state = 'idle';
  /** @type {string | null} */
  let shown = null;
  /** @type {string | null} */
  let file = null;
  /** @type {AbortController | null} */
  let reading = null;
  let address = '';
  let begun = false;
  /** @type {MediaSource | null} */
  let media = null;

  function stop() {
    reading?.abort();
    reading = null;
    state = 'idle';
    shown = null;
    file = null;
    begun = false;
    forget();
    if (video.hasAttribute('src')) {
      video.removeAttribute('src');
      video.load();
    }
  }

  function forget() {
    if (address) {
      URL.revokeObjectURL(address);
      address = '';
    }
  }

  /** Plays from the first frame there is, once, if the browser lets it. */
  function begin() {
    if (video.buffered.length > 0 && !begun) {
      begun = true;
      video.currentTime = Math.max(video.currentTime, video.buffered.start(0));
      video.play().catch(() => undefined);
    }
    onPicture();
  }

  /** @param {string} id @param {AbortSignal} signal @returns {Promise<boolean>} whether nothing had to go */
  async function stream(id, signal) {
    const source = new MediaSource();
    forget();
    media = source;
    address = URL.createObjectURL(source);
    video.src = address;
    await once(source, 'sourceopen', signal);
    const response = await open(id, signal);
    const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
    const boxes = createBoxReader();
    /** @type {ReturnType<typeof createAppender> | null} */
    let appender = null;
    for (;;) {
      const { value, done } = await reader.read();
      signal.throwIfAborted();
      if (done) {
        break;
      }
      for (const piece of boxes.push(value)) {
        appender ??= createAppender(video, source.addSourceBuffer(playable(piece)), signal);
        await appender.append(piece);
        if (video.buffered.length > 0) {
          begin();
        }
      }
    }
    if (source.readyState !== 'open' || appender === null) {
      return false;
    }
    source.endOfStream();
    return !appender.dropped();
  }

  /** @param {string} url */
  function play(url) {
    const at = video.currentTime;
    const paused = begun && video.paused;
    forget();
    state = 'whole';
    video.src = url;
    video.addEventListener(
      'loadeddata',
      () => {
        video.currentTime = at;
        begun = paused;
        begin();
      },
      { once: true },
    );
  }

  return {
    stop,

    /** Takes no more of the stream; what is there stays. For a job that is about to be cancelled. */
    halt() {
      reading?.abort();
      reading = null;
      if (media?.readyState === 'open' && ![...media.sourceBuffers].some(({ updating }) => updating)) {
        media.endOfStream();
      }
    },

    /** Shows the video of a job that waits or runs. @param {string} id */
    async follow(id) {
      if (shown === id) {
        return;
      }
      stop();
      shown = id;
      state = 'growing';
      const mine = new AbortController();
      reading = mine;
      let complete = false;
      for (let again = typeof MediaSource !== 'undefined'; again; ) {
        try {
          complete = await stream(id, mine.signal);
          again = false;
        } catch (error) {
          // A line that broke is tried again; an answer of the server is final: there is no video, or no longer a stream.
          again = !mine.signal.aborted && error instanceof TypeError && file === null;
          if (again) {
            await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
          }
        }
        if (mine.signal.aborted) {
          return;
        }
      }
      reading = null;
      state = complete ? 'whole' : 'broken';
      if (!complete && file) {
        play(file);
      }
    },

    /** Shows the file of a job that is complete, unless the stream has it all. @param {string} id @param {string} url */
    finish(id, url) {
      if (shown !== id) {
        stop();
        shown = id;
      }
      file = url;
      if (state === 'idle' || state === 'broken') {
        play(url);
      }
    },
  };
}

/** @param {Uint8Array} header */
function playable(header) {
  if (!isFragmented(header)) {
    throw new Error('The job has ended meanwhile: this is its file, which does not grow');
  }
  const type = `video/mp4; codecs="${codecOf(header)}"`;
  if (!MediaSource.isTypeSupported(type)) {
    throw new Error(`This browser does not play ${type} while it grows`);
  }
  return type;
}

/**
 * Gives pieces to the browser, one at a time, and makes room when it has none left.
 *
 * @param {HTMLVideoElement} video
 * @param {SourceBuffer} buffer
 * @param {AbortSignal} signal
 */
export function createAppender(video, buffer, signal) {
  let dropped = false;
  let broken = false;
  buffer.mode = 'segments';
  buffer.addEventListener('error', () => {
    broken = true;
  });

  /** @returns {Promise<boolean>} whether there was something to remove */
  async function makeRoom() {
    const start = buffer.buffered.length > 0 ? buffer.buffered.start(0) : 0;
    const until = video.currentTime - KEPT_BEHIND_S;
    if (until <= start) {
      return false;
    }
    buffer.remove(start, until);
    await once(buffer, 'updateend', signal);
    dropped = true;
    return true;
  }

  return {
    dropped: () => dropped,

    /** @param {Uint8Array} piece */
    async append(piece) {
      for (;;) {
        try {
          buffer.appendBuffer(/** @type {BufferSource} */ (piece));
          await once(buffer, 'updateend', signal);
          if (broken) {
            throw new Error('The browser cannot decode the stream');
          }
          return;
        } catch (error) {
          if (!(error instanceof DOMException) || error.name !== 'QuotaExceededError') {
            throw error;
          }
          if (!(await makeRoom())) {
            // All that is there is still to be seen.
            await once(video, 'timeupdate', signal);
          }
        }
      }
    },
  };
}

/** @param {EventTarget} target @param {string} event @param {AbortSignal} signal @returns {Promise<void>} */
function once(target, event, signal) {
  return new Promise((resolve, reject) => {
    const aborted = () => reject(signal.reason);
    if (signal.aborted) {
      aborted();
      return;
    }
    signal.addEventListener('abort', aborted, { once: true });
    target.addEventListener(
      event,
      () => {
        signal.removeEventListener('abort', aborted);
        resolve();
      },
      { once: true },
    );
  });
}
