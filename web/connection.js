// @ts-check
import { ApiError } from './api.js';
import { createOutbox, notification } from './channel.js';
import { backOffMs, MOST_ATTEMPTS } from './state.js';

/** A path that is lost for less than this mostly heals by itself. */
const HEAL_MS = 3000;

/** An attempt that has not connected by now never will. */
const CONNECT_MS = 20_000;

/**
 * One stream to the server, kept alive until stop(): every loss starts a new peer connection after a pause.
 *
 *   POST offer + initial parameters -> answer -> PATCH candidates -> connected ... DELETE
 *
 * @param {object} options
 * @param {ReturnType<import('./api.js').createApi>} options.api
 * @param {() => Record<string, unknown>} options.parameters as they are now, for each attempt
 * @param {() => MediaStreamTrack | null} options.track
 * @param {(state: import('./state.js').StreamState) => void} options.onState
 * @param {(stream: MediaStream) => void} options.onPicture
 * @param {(message: {type: string} & Record<string, any>) => void} options.onMessage
 */
export function createConnection({ api, parameters, track, onState, onPicture, onMessage }) {
  /** @type {Attempt | null} */
  let current = null;
  let wanted = false;
  /** Tells an attempt that a stop and a new start have overtaken it. */
  let round = 0;
  let failures = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const outbox = createOutbox((text) => {
    const channel = current?.channel;
    if (channel?.readyState !== 'open') {
      return false;
    }
    channel.send(text);
    return true;
  }, requestAnimationFrame);

  async function attempt() {
    const begun = round;
    const mine = await open(api, track()).catch((/** @type {Error} */ error) => error);
    if (mine instanceof Error) {
      return wanted && begun === round ? refused(mine) : undefined;
    }
    if (!wanted || begun !== round) {
      return mine.close();
    }
    current = mine;
    watch(mine);
    timer = setTimeout(() => lost(mine), CONNECT_MS);
    try {
      outbox.clear();
      await mine.negotiate(parameters());
    } catch (error) {
      if (current === mine) {
        drop();
        refused(/** @type {Error} */ (error));
      }
    }
  }

  /** @param {Attempt} mine */
  function watch(mine) {
    const { peer, channel } = mine;
    peer.ontrack = ({ streams, track: received, receiver }) => {
      if (received.kind !== 'video') {
        return;
      }
      showAtOnce(receiver);
      onPicture(streams[0] ?? new MediaStream([received]));
    };
    peer.onconnectionstatechange = () => {
      if (current !== mine) {
        return;
      }
      if (peer.connectionState === 'connected') {
        clearTimeout(timer);
        failures = 0;
        onState({ phase: 'live' });
      } else if (peer.connectionState === 'disconnected') {
        clearTimeout(timer);
        timer = setTimeout(() => lost(mine), HEAL_MS);
      } else if (peer.connectionState === 'failed') {
        lost(mine);
      }
    };
    channel.onopen = () => {
      channel.send(JSON.stringify({ stats: true }));
      outbox.flush();
    };
    channel.onclose = () => lost(mine);
    channel.onmessage = ({ data }) => {
      const message = notification(data);
      if (!message || current !== mine) {
        return;
      }
      if (message.type === 'stream_stopped') {
        ended(message.error_message);
      }
      onMessage(message);
    };
  }

  /** @param {string | undefined} reason */
  function ended(reason) {
    drop();
    if (!reason) {
      retry({ phase: 'reconnecting', detail: 'The server ended the stream' }, backOffMs(failures++));
    } else if (isDraining(reason)) {
      retry({ phase: 'draining', detail: reason }, backOffMs(3));
    } else {
      fail(reason);
    }
  }

  /** @param {Attempt} mine */
  function lost(mine) {
    if (current === mine) {
      drop();
      again();
    }
  }

  function again() {
    if (failures >= MOST_ATTEMPTS) {
      fail('The server cannot be reached. Check that it runs and that your network lets UDP through');
    } else {
      retry({ phase: 'reconnecting' }, backOffMs(failures++));
    }
  }

  /** @param {Error} error */
  function refused(error) {
    if (error instanceof ApiError && error.status === 503) {
      const phase = isDraining(error.message) ? 'draining' : 'busy';
      retry({ phase, detail: error.message }, error.retryAfter * 1000);
    } else if (error instanceof ApiError && error.status < 500) {
      fail(error.message);
    } else {
      again();
    }
  }

  /**
   * Counts down aloud, then tries again.
   *
   * @param {import('./state.js').StreamState} state
   * @param {number} waitMs
   */
  function retry(state, waitMs) {
    clearTimeout(timer);
    const due = performance.now() + waitMs;
    const tick = () => {
      const leftMs = due - performance.now();
      if (leftMs <= 0) {
        onState({ phase: 'connecting' });
        void attempt();
        return;
      }
      onState({ ...state, seconds: Math.ceil(leftMs / 1000) });
      timer = setTimeout(tick, Math.min(leftMs, 1000));
    };
    tick();
  }

  /** @param {string} detail */
  function fail(detail) {
    wanted = false;
    onState({ phase: 'error', detail });
  }

  function drop() {
    clearTimeout(timer);
    const closing = current;
    current = null;
    closing?.close();
  }

  return {
    start() {
      round++;
      wanted = true;
      failures = 0;
      onState({ phase: 'connecting' });
      void attempt();
    },
    stop() {
      wanted = false;
      outbox.clear();
      drop();
    },
    /** @param {Record<string, unknown>} update */
    send: (update) => {
      if (current) {
        outbox.put(update);
      }
    },
    /** @param {MediaStreamTrack | null} next */
    replaceTrack: (next) => current?.sender.replaceTrack(next),
    sessionId: () => current?.sessionId() ?? null,
    statistics: () => current?.peer.getStats() ?? null,
  };
}

/** @typedef {Awaited<ReturnType<typeof open>>} Attempt */

/**
 * @param {ReturnType<import('./api.js').createApi>} api
 * @param {MediaStreamTrack | null} track
 */
async function open(api, track) {
  const { iceServers } = await api.iceServers();
  const peer = new RTCPeerConnection({ iceServers: iceServers.map(withoutNulls) });
  const channel = peer.createDataChannel('parameters', { ordered: true });
  const { sender, receiver } = peer.addTransceiver(track ?? 'video', { direction: 'sendrecv' });
  showAtOnce(receiver);
  /** @type {string | null} */
  let session = null;
  /** @type {RTCIceCandidate[]} */
  let found = [];
  let closed = false;

  function trickle() {
    if (session && found.length > 0) {
      const batch = found;
      found = [];
      // A candidate that does not arrive only costs one path; the answer holds the server's own.
      api.candidates(session, batch).catch(() => undefined);
    }
  }

  return {
    peer,
    channel,
    sender,
    sessionId: () => session,
    /** @param {Record<string, unknown>} parameters */
    async negotiate(parameters) {
      peer.onicecandidate = ({ candidate }) => {
        if (candidate?.candidate) {
          found.push(candidate);
          trickle();
        }
      };
      const offer = await peer.createOffer();
      await peer.setLocalDescription(offer);
      const answer = await api.offer(offer, parameters);
      session = answer.sessionId;
      if (closed) {
        hangUp();
        return;
      }
      await peer.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
      trickle();
    },
    close() {
      closed = true;
      peer.close();
      hangUp();
    },
  };

  function hangUp() {
    if (session) {
      // The server also notices by itself; DELETE only frees the place sooner.
      api.hangUp(session).catch(() => undefined);
      session = null;
    }
  }
}

/** Asks the browser to show each frame as it comes rather than to smooth the flow. @param {any} receiver */
function showAtOnce(receiver) {
  if ('jitterBufferTarget' in receiver) {
    receiver.jitterBufferTarget = 0;
  }
  if ('playoutDelayHint' in receiver) {
    receiver.playoutDelayHint = 0;
  }
}

/** Older browsers refuse null members. @param {Record<string, any>} server */
function withoutNulls(server) {
  return /** @type {any} */ (Object.fromEntries(Object.entries(server).filter(([, value]) => value !== null)));
}

/** @param {string} reason */
function isDraining(reason) {
  return /drain|restart|shut(ting)? ?down/i.test(reason);
}
