// @ts-check

/**
 * What the stream is doing, in words a person can act on.
 *
 *   idle -> loading -> connecting -> live <-> paused
 *                          |          |
 *            busy/draining +   reconnecting -> connecting
 *                          +-> error
 *
 * @typedef {'idle' | 'loading' | 'connecting' | 'live' | 'paused' | 'reconnecting' | 'busy' | 'draining' | 'error'} Phase
 * @typedef {{phase: Phase, detail?: string, seconds?: number}} StreamState
 */

/** Connection attempts after a loss, before the person is asked to decide. */
export const MOST_ATTEMPTS = 8;

/** Longest pause between two attempts, so that a returned server is found soon. */
const LONGEST_WAIT_MS = 10_000;

/** Longest wait that a server may ask for with Retry-After. */
const LONGEST_RETRY_AFTER_S = 300;

/** Phases in which Stop makes sense. */
const RUNNING = new Set(['loading', 'connecting', 'live', 'paused', 'reconnecting', 'busy', 'draining']);

/** @type {Record<Phase, {title: string, advice: string}>} */
const WORDS = {
  idle: { title: 'Ready', advice: 'Describe what to see, then press Start.' },
  loading: { title: 'Loading the pipeline', advice: 'The first load of a model can take a minute.' },
  connecting: { title: 'Connecting', advice: 'Finding a path to the server.' },
  live: { title: 'Live', advice: 'Change anything: it takes effect with the next frames.' },
  paused: { title: 'Paused', advice: 'The last frame is held. Press Resume to go on.' },
  reconnecting: { title: 'Connection lost', advice: 'Trying again by itself. Press Stop to give up.' },
  busy: { title: 'The server is full', advice: 'Your place is tried for again by itself.' },
  draining: { title: 'The server is restarting', advice: 'It takes no new streams; trying again shortly.' },
  error: { title: 'Something went wrong', advice: 'Press Start to try again.' },
};

/** @param {Phase} phase */
export function isRunning(phase) {
  return RUNNING.has(phase);
}

/**
 * @param {StreamState} state
 * @returns {{title: string, advice: string}}
 */
export function describe(state) {
  const words = WORDS[state.phase];
  const count = state.seconds ? ` Next try in ${state.seconds} s.` : '';
  const advice = state.detail ? `${sentence(state.detail)} ${state.phase === 'error' ? words.advice : ''}` : words.advice;
  return { title: words.title, advice: `${advice.trim()}${count}` };
}

/**
 * Pause before an attempt (counted from 0): doubling, with jitter so that many viewers do not return as one.
 *
 * @param {number} attempt
 * @param {() => number} [random]
 */
export function backOffMs(attempt, random = Math.random) {
  const full = Math.min(LONGEST_WAIT_MS, 500 * 2 ** Math.min(attempt, 10));
  return Math.round(full * (0.75 + 0.25 * random()));
}

/**
 * Seconds of a Retry-After header, which may also be a date.
 *
 * @param {string | null} header
 * @param {number} nowMs
 */
export function retryAfterSeconds(header, nowMs) {
  const fallback = 5;
  if (!header) {
    return fallback;
  }
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : Math.ceil((Date.parse(header) - nowMs) / 1000);
  return Number.isFinite(seconds) ? Math.min(LONGEST_RETRY_AFTER_S, Math.max(1, seconds)) : fallback;
}

/** @param {string} text */
function sentence(text) {
  const trimmed = text.trim();
  return /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
