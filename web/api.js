// @ts-check
import { retryAfterSeconds } from './state.js';

const TOKEN_KEY = 'tachyscope.token';

/** An answer other than 2xx, with the server's own words. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {number} retryAfter seconds, only meaningful with 503
   */
  constructor(status, message, retryAfter) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * The server's REST interface. Asks for the access token when the server wants one.
 *
 * @param {(refused: boolean) => Promise<string | null>} askToken
 */
export function createApi(askToken) {
  let token = sessionStorage.getItem(TOKEN_KEY);
  /** @type {Promise<string | null> | null} */
  let asking = null;

  /** Several requests may be refused at once; the person is asked once. */
  function renewToken() {
    asking ??= askToken(token !== null).then((given) => {
      asking = null;
      if (given) {
        token = given;
        sessionStorage.setItem(TOKEN_KEY, given);
      }
      return given;
    });
    return asking;
  }

  /**
   * Asks with the token, and asks the person for one if it is refused.
   *
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body] JSON, or a form
   * @param {{keepalive?: boolean, signal?: AbortSignal}} [options]
   * @returns {Promise<Response>}
   */
  async function send(method, path, body, options = {}) {
    const form = body instanceof FormData;
    for (;;) {
      const sent = token;
      const response = await fetch(path, {
        method,
        headers: {
          Accept: 'application/json, */*;q=0.5',
          ...(body === undefined || form ? {} : { 'Content-Type': 'application/json' }),
          ...(sent ? { Authorization: `Bearer ${sent}` } : {}),
        },
        body: body === undefined || form ? body : JSON.stringify(body),
        ...options,
      });
      if (response.status === 401 && !options.keepalive && (sent !== token || (await renewToken()))) {
        continue;
      }
      if (!response.ok) {
        throw new ApiError(
          response.status,
          await detailOf(response),
          retryAfterSeconds(response.headers.get('Retry-After'), Date.now()),
        );
      }
      return response;
    }
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @param {{keepalive?: boolean}} [options]
   * @returns {Promise<any>}
   */
  async function call(method, path, body, options) {
    const response = await send(method, path, body, options);
    return response.status === 204 ? null : response.json();
  }

  /** For what cannot set headers, such as an EventSource or a picture: the token travels in the address. @param {string} path */
  function address(path) {
    return token ? `${path}${path.includes('?') ? '&' : '?'}access_token=${encodeURIComponent(token)}` : path;
  }

  /** @param {string} id */
  const job = (id) => `/api/v1/jobs/${encodeURIComponent(id)}`;

  return {
    health: () => call('GET', '/health'),
    schemas: () => call('GET', '/api/v1/pipelines/schemas'),
    status: () => call('GET', '/api/v1/pipeline/status'),
    /** @param {string} id @param {Record<string, unknown>} loadParams */
    load: (id, loadParams) => call('POST', '/api/v1/pipeline/load', { pipeline_ids: [id], load_params: loadParams }),
    iceServers: () => call('GET', '/api/v1/webrtc/ice-servers'),
    /** @param {RTCSessionDescriptionInit} offer @param {Record<string, unknown>} initialParameters */
    offer: (offer, initialParameters) =>
      call('POST', '/api/v1/webrtc/offer', { sdp: offer.sdp, type: offer.type, initialParameters }),
    /** @param {string} id @param {RTCIceCandidate[]} candidates */
    candidates: (id, candidates) =>
      call('PATCH', `/api/v1/webrtc/offer/${encodeURIComponent(id)}`, {
        candidates: candidates.map(({ candidate, sdpMid, sdpMLineIndex }) => ({ candidate, sdpMid, sdpMLineIndex })),
      }),
    /** @param {string} id */
    hangUp: (id) => call('DELETE', `/api/v1/webrtc/offer/${encodeURIComponent(id)}`, undefined, { keepalive: true }),
    /** @param {number} since */
    timeline: (since) => call('GET', `/api/v1/engine/timeline?since=${since}`),
    /** @param {string} id of a pipeline */
    modelStatus: (id) => call('GET', `/api/v1/models/status?pipeline_id=${encodeURIComponent(id)}`),
    /** @param {string} id of a pipeline */
    downloadModels: (id) => call('POST', '/api/v1/models/download', { pipeline_id: id }),
    /** @param {string} id of a download */
    cancelDownload: (id) => call('POST', '/api/v1/models/downloads/cancel', { id }),
    loras: () => call('GET', '/api/v1/loras'),
    costs: () => call('GET', '/api/v1/engine/costs'),
    timelineAddress: () => address('/api/v1/engine/timeline'),
    /** @param {number} limit */
    jobs: (limit) => call('GET', `/api/v1/jobs?limit=${limit}`),
    /** @param {string} id */
    job: (id) => call('GET', job(id)),
    /** @param {string} id */
    cancelJob: (id) => call('POST', `${job(id)}/cancel`),
    /** @param {string} id */
    removeJob: (id) => call('DELETE', job(id)),
    /** @param {string} id */
    jobEvents: (id) => address(`${job(id)}/events?preview=true`),
    /** The video as it is made. @param {string} id @param {AbortSignal} signal */
    liveVideo: (id, signal) => send('GET', `${job(id)}/live`, undefined, { signal }),
    /** The file that a job was made from. @param {string} id */
    jobInput: async (id) => (await send('GET', `${job(id)}/input`)).blob(),
    /** @param {FormData | Record<string, unknown>} request */
    createVideo: (request) => call('POST', '/v1/videos', request),
    address,
  };
}

/** @param {Response} response */
async function detailOf(response) {
  try {
    const { detail } = await response.json();
    return typeof detail === 'string' ? detail : detail.map((/** @type {any} */ part) => part.msg).join('; ');
  } catch {
    return `The server answered ${response.status}`;
  }
}
