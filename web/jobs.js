// @ts-check

/** @typedef {'queued' | 'running' | 'completed' | 'failed' | 'cancelled'} JobState */

/** Words for the states of a job. @type {Record<string, string>} */
const STATES = { queued: 'Waiting', running: 'Running', completed: 'Done', failed: 'Failed', cancelled: 'Cancelled' };

/** Seconds of the past that an estimate looks at: what ran before says little of a server that others use too. */
const ESTIMATE_OVER_MS = 20_000;

/** Estimates from less than that jump about. */
const ESTIMATE_FROM_MS = 1000;

/** @param {any} job */
export function isOver(job) {
  return job.state === 'completed' || job.state === 'failed' || job.state === 'cancelled';
}

/** @param {any} job */
export function stateWord(job) {
  return job.cancel_requested && !isOver(job) ? 'Ending' : (STATES[job.state] ?? job.state);
}

/** @param {any} job @param {string} kind */
export function fileOf(job, kind) {
  return job.files?.find((/** @type {any} */ file) => file.kind === kind) ?? null;
}

/** The pictures that a job made, without the small one for lists. @param {any} job */
export function picturesOf(job) {
  return (job.files ?? []).filter(
    (/** @type {any} */ file) => file.kind !== 'thumbnail' && String(file.media_type).startsWith('image/'),
  );
}

/** Size, length and pipeline of a job in a line. @param {any} job */
export function aboutOf(job) {
  const { width = 0, height = 0, frames = 0, fps = 0 } = job.shape ?? {};
  return [
    job.pipeline,
    width > 1 ? `${width}×${height}` : '',
    frames > 0 && fps > 0 ? `${(frames / fps).toFixed(1)} s at ${fps} fps` : '',
  ].filter((part) => part !== '' && part !== undefined).join(' · ');
}

/**
 * Seconds in words that do not pretend to know more than they do.
 *
 * @param {number} seconds
 */
export function aboutSeconds(seconds) {
  if (seconds < 1.5) {
    return 'a second';
  }
  if (seconds < 10) {
    return `${Math.round(seconds)} seconds`;
  }
  if (seconds < 55) {
    return `${5 * Math.round(seconds / 5)} seconds`;
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) {
    return minutes <= 1 ? 'a minute' : `${minutes} minutes`;
  }
  const hours = Math.round(minutes / 60);
  return hours === 1 ? 'an hour' : `${hours} hours`;
}

/** Guesses when something ends from how it went lately. */
export function createEstimate() {
  /** @type {{atMs: number, fraction: number}[]} */
  let past = [];
  return {
    /**
     * @param {number} atMs
     * @param {number} fraction done, 0 to 1
     * @returns {number | null} seconds that are left, null as long as nobody can say
     */
    secondsLeft(atMs, fraction) {
      if (past.length > 0 && fraction < past[past.length - 1].fraction) {
        past = [];
      }
      past.push({ atMs, fraction });
      while (past.length > 2 && past[0].atMs < atMs - ESTIMATE_OVER_MS) {
        past.shift();
      }
      const spent = atMs - past[0].atMs;
      const gained = fraction - past[0].fraction;
      return spent >= ESTIMATE_FROM_MS && gained > 0 ? ((1 - fraction) * spent) / gained / 1000 : null;
    },
  };
}

/**
 * How a job stands, in a sentence.
 *
 * @param {any} job
 * @param {{before?: number, secondsLeft?: number | null}} [more]
 */
export function progressOf(job, { before, secondsLeft } = {}) {
  switch (job.state) {
    case 'queued':
      return before ? `Waiting behind ${before === 1 ? 'another job' : `${before} other jobs`}.` : 'Starts in a moment.';
    case 'running': {
      const { chunks_done: done = 0, chunks_total: total = 0 } = job.progress ?? {};
      const part = total > 0 ? `Chunk ${Math.min(total, done + 1)} of ${total}` : 'Running';
      const left = secondsLeft === null || secondsLeft === undefined ? '' : `, about ${aboutSeconds(secondsLeft)} left`;
      return `${part}${left}.`;
    }
    case 'completed':
      return 'Done.';
    case 'failed':
      return job.error?.message ? `Failed: ${job.error.message}` : 'Failed.';
    default:
      return 'Cancelled.';
  }
}
