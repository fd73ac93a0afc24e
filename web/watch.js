// @ts-check
import { createEstimate, isOver, progressOf } from './jobs.js';

/** After a lost line; an EventSource that was refused gives up by itself. */
const AGAIN_MS = 2000;

/**
 * Follows one job by its events until it has ended.
 *
 * @param {{job: (id: string) => Promise<any>, jobEvents: (id: string) => string}} api
 * @param {(job: any, text: string) => void} onChange the job as it is now, and that in words
 */
export function createWatch(api, onChange) {
  /** @type {EventSource | null} */
  let events = null;
  /** @type {any} */
  let job = null;
  /** @type {number | undefined} */
  let before;
  let estimate = createEstimate();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let later;

  function stop() {
    clearTimeout(later);
    events?.close();
    events = null;
    job = null;
  }

  function tell() {
    const fraction = job.progress?.fraction ?? 0;
    const secondsLeft = job.state === 'running' ? (estimate.secondsLeft(performance.now(), fraction) ?? job.progress?.eta_seconds) : null;
    onChange(job, progressOf(job, { before, secondsLeft }));
  }

  function listen() {
    const mine = new EventSource(api.jobEvents(job.id));
    events = mine;
    /** @param {string} name @param {(data: any) => void} take */
    const on = (name, take) =>
      mine.addEventListener(name, (event) => {
        take(JSON.parse(/** @type {MessageEvent} */ (event).data));
        tell();
      });
    on('queued', ({ position }) => {
      before = position;
    });
    on('started', ({ total_chunks }) => {
      progress({ chunks_total: total_chunks });
    });
    on('step', ({ steps_done, steps_total, fraction, eta_seconds }) => {
      progress({ steps_done, steps_total, fraction, eta_seconds });
      job.state = 'running';
    });
    on('chunk', ({ chunk, total_chunks }) => {
      progress({ chunks_done: chunk, chunks_total: total_chunks });
      job.state = 'running';
    });
    on('preview', ({ preview_base64 }) => {
      job = { ...job, preview: `data:image/jpeg;base64,${preview_base64}` };
    });
    on('ended', (ended) => {
      mine.close();
      job = { ...job, ...ended };
    });
    mine.addEventListener('error', () => {
      if (events === mine) {
        mine.close();
        later = setTimeout(again, AGAIN_MS);
      }
    });
  }

  /** @param {Record<string, unknown>} more */
  function progress(more) {
    job = { ...job, progress: { ...job.progress, ...more } };
  }

  /** The line was lost, or closed after the end: the job itself says which. */
  async function again() {
    const asked = job;
    const now = asked && (await api.job(asked.id).catch(() => null));
    if (job !== asked || !asked) {
      return;
    }
    if (now) {
      follow(now);
    } else {
      later = setTimeout(again, AGAIN_MS);
    }
  }

  /** @param {any} wanted */
  function follow(wanted) {
    const same = job?.id === wanted.id;
    stop();
    job = wanted;
    if (!same) {
      estimate = createEstimate();
      before = wanted.position ?? undefined;
    }
    tell();
    if (!isOver(job)) {
      listen();
    }
  }

  return { follow, stop };
}
