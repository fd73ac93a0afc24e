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
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @param {{keepalive?: boolean}} [options]
   * @returns {Promise<any>}
   */
  async function call(method, path, body, options = {}) {
    for (;;) {
      const sent = token;
      const response = await fetch(path, {
        method,
        headers: {
          Accept: 'application/json',
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...(sent ? { Authorization: `Bearer ${sent}` } : {}),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
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
      return response.status === 204 ? null : response.json();
    }
  }

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
    costs: () => call('GET', '/api/v1/engine/costs'),
    /** An EventSource cannot set headers, so the token travels in the address. */
    timelineAddress: () => `/api/v1/engine/timeline${token ? `?access_token=${encodeURIComponent(token)}` : ''}`,
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
