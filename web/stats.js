// @ts-check
import { surface } from './dom.js';

/** Values kept for the sparkline: one each second. */
const KEPT = 60;

/**
 * @typedef {object} Sample
 * @property {number} atMs
 * @property {number} [framesIn] decoded frames of the output so far
 * @property {number} [framesOut] sent frames of the input so far
 * @property {number} [bytes]
 * @property {number} [lost] frames the browser dropped so far
 * @property {number} [roundTripMs]
 * @property {number} [bufferMs] mean wait in the jitter buffer so far
 */

/**
 * Picks what we show from a WebRTC statistics report.
 *
 * @param {Iterable<any>} report
 * @param {number} atMs
 * @returns {Sample}
 */
export function sampleOf(report, atMs) {
  /** @type {Sample} */
  const sample = { atMs };
  for (const entry of report) {
    if (entry.type === 'inbound-rtp' && entry.kind === 'video') {
      sample.framesIn = entry.framesDecoded;
      sample.bytes = entry.bytesReceived;
      sample.lost = entry.framesDropped;
      sample.bufferMs = entry.jitterBufferEmittedCount > 0 ? (1000 * entry.jitterBufferDelay) / entry.jitterBufferEmittedCount : 0;
    } else if (entry.type === 'outbound-rtp' && entry.kind === 'video') {
      sample.framesOut = entry.framesSent;
    } else if (entry.type === 'candidate-pair' && entry.nominated && entry.currentRoundTripTime !== undefined) {
      sample.roundTripMs = 1000 * entry.currentRoundTripTime;
    }
  }
  return sample;
}

/**
 * Rates between two samples, completed by what the server says about itself. Unknown values are absent.
 *
 * @param {Sample | null} before
 * @param {Sample} now
 * @param {Record<string, number>} server the latest `stats` notification
 * @param {Record<string, number> | null} serverBefore the one before that, for the rate of steps
 */
export function ratesOf(before, now, server, serverBefore) {
  const seconds = before ? (now.atMs - before.atMs) / 1000 : 0;
  /** @param {number} [later] @param {number} [earlier] */
  const rate = (later, earlier) =>
    seconds > 0 && later !== undefined && earlier !== undefined ? Math.max(0, later - earlier) / seconds : undefined;
  const bits = rate(now.bytes, before?.bytes);
  const serverSeconds = serverBefore ? (server.atMs - serverBefore.atMs) / 1000 : 0;
  const steps = serverSeconds > 0 && serverBefore ? (server.steps - serverBefore.steps) / serverSeconds : undefined;
  const path = now.roundTripMs === undefined ? undefined : now.roundTripMs / 2 + (now.bufferMs ?? 0);
  return {
    fpsOut: rate(now.framesIn, before?.framesIn) ?? server.fps,
    fpsIn: rate(now.framesOut, before?.framesOut),
    latencyMs: server.latency_ms === undefined ? path : server.latency_ms + (path ?? 0),
    megabits: bits === undefined ? undefined : (8 * bits) / 1e6,
    stepsPerSecond: steps !== undefined && steps >= 0 ? steps : undefined,
    dropped: server.dropped === undefined && now.lost === undefined ? undefined : (server.dropped ?? 0) + (now.lost ?? 0),
  };
}

/**
 * Shows the numbers once a second while a stream runs.
 *
 * @param {Record<'fpsOut' | 'fpsIn' | 'latencyMs' | 'megabits' | 'stepsPerSecond' | 'dropped', HTMLElement>} places
 * @param {HTMLCanvasElement} spark
 */
export function createStats(places, spark) {
  /** @type {Sample | null} */
  let before = null;
  /** @type {any} */
  let server = {};
  /** @type {any} */
  let serverBefore = null;
  /** @type {number[]} */
  let history = [];

  const DIGITS = { fpsOut: 1, fpsIn: 1, latencyMs: 0, megabits: 1, stepsPerSecond: 0, dropped: 0 };

  /** @param {Record<string, number | undefined>} rates */
  function show(rates) {
    for (const [name, place] of Object.entries(places)) {
      const value = rates[name];
      place.textContent = value === undefined ? '–' : value.toFixed(DIGITS[/** @type {keyof typeof DIGITS} */ (name)]);
    }
  }

  function draw() {
    const { context, width, height } = surface(spark);
    const most = Math.max(10, ...history);
    const x = (/** @type {number} */ index) => width - ((history.length - 1 - index) * width) / (KEPT - 1);
    const y = (/** @type {number} */ value) => height - 2 - ((height - 4) * value) / most;
    context.globalAlpha = 1;
    context.strokeStyle = getComputedStyle(spark).color;
    context.lineWidth = 1.5;
    context.lineJoin = 'round';
    context.beginPath();
    history.forEach((value, index) => context.lineTo(x(index), y(value)));
    context.stroke();
    if (history.length > 1) {
      context.lineTo(x(history.length - 1), height);
      context.lineTo(x(0), height);
      context.globalAlpha = 0.14;
      context.fillStyle = context.strokeStyle;
      context.fill();
    }
  }

  return {
    /** @param {any} message */
    fromServer(message) {
      serverBefore = server.atMs === undefined ? null : server;
      server = { ...message, atMs: performance.now() };
    },
    /** @param {Iterable<any>} report */
    tick(report) {
      const now = sampleOf(report, performance.now());
      const rates = ratesOf(before, now, server, serverBefore);
      before = now;
      show(rates);
      history = [...history, rates.fpsOut ?? 0].slice(-KEPT);
      draw();
    },
    clear() {
      before = null;
      server = {};
      serverBefore = null;
      history = [];
      show({});
      draw();
    },
  };
}
