// @ts-check

/**
 * @typedef {object} Span one run of work on a lane of a device
 * @property {number} sequence
 * @property {string | number} owner session that it was for
 * @property {string | number} run generation that it was for
 * @property {string} [pipeline]
 * @property {string} kind
 * @property {string | number} lane
 * @property {string | number} device
 * @property {number} [batch]
 * @property {number} [chunk]
 * @property {number} [step]
 * @property {number} [queue_us]
 * @property {number} start_us
 * @property {number} run_us
 * @property {boolean} [deadline_met]
 *
 * @typedef {Span & {members: Span[]}} Bar the spans of one batch on one lane, drawn as one
 */

/** How much of the past is drawn. */
export const WINDOW_US = 4_000_000;

/** Spans kept at most, whatever the server sends. */
const MOST_SPANS = 4000;

const POLL_MS = 500;

/** Sessions of a bar that are named; the rest is counted. */
const MOST_NAMED = 5;

/** The recent spans and the server's clock. */
export function createSpanStore() {
  /** @type {Span[]} */
  let spans = [];
  let next = 0;
  let offsetUs = 0;

  return {
    /** @param {{spans?: Span[], next?: number, now_us?: number}} batch @param {number} atMs */
    add(batch, atMs) {
      const fresh = (batch.spans ?? []).filter(({ sequence }) => sequence >= next);
      next = batch.next ?? fresh.reduce((highest, { sequence }) => Math.max(highest, sequence + 1), next);
      if (batch.now_us !== undefined) {
        offsetUs = batch.now_us - atMs * 1000;
      }
      const oldest = atMs * 1000 + offsetUs - 2 * WINDOW_US;
      spans = [...spans, ...fresh].filter(({ start_us, run_us }) => start_us + run_us >= oldest).slice(-MOST_SPANS);
    },
    next: () => next,
    /** The server's time at a moment of ours. @param {number} atMs */
    clockUs: (atMs) => atMs * 1000 + offsetUs,
    spans: () => spans,
    /** A restarted server counts from the start again. */
    reset() {
      spans = [];
      next = 0;
    },
  };
}

/**
 * Rows of bars, one per lane of a device, in a stable order.
 *
 * @param {Span[]} spans
 * @returns {{name: string, bars: Bar[]}[]}
 */
export function rowsOf(spans) {
  /** @type {Map<string, Map<string, Bar>>} */
  const rows = new Map();
  for (const span of spans) {
    const name = `${span.device} · ${span.lane}`;
    const bars = rows.get(name) ?? new Map();
    rows.set(name, bars);
    const key = `${span.start_us}/${span.kind}`;
    const bar = bars.get(key);
    if (bar) {
      bar.members.push(span);
      bar.deadline_met = bar.deadline_met !== false && span.deadline_met;
    } else {
      bars.set(key, { ...span, members: [span] });
    }
  }
  return [...rows]
    .sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true }))
    .map(([name, bars]) => ({ name, bars: [...bars.values()] }));
}

/**
 * The picture in words, for those who do not see it.
 *
 * @param {{name: string, bars: Bar[]}[]} rows
 * @param {string | null} own
 */
export function summaryOf(rows, own) {
  const bars = rows.flatMap((row) => row.bars);
  if (bars.length === 0) {
    return 'The engine is at rest.';
  }
  const owners = new Set(bars.flatMap(({ members }) => members.map(({ owner }) => String(owner))));
  const shared = bars.filter(({ members }) => members.length > 1).length;
  const late = bars.filter(({ deadline_met }) => deadline_met === false).length;
  const mine = own && owners.has(own) ? ', yours among them' : '';
  return (
    `${count(bars.length, 'run')} on ${count(rows.length, 'lane')} for ${count(owners.size, 'session')}${mine}; ` +
    `${shared} shared by several sessions, ${late} late.`
  );
}

/** Hues away from the warm ones, which belong to our own session, 24 degrees apart; two lightnesses of each. */
const HUES = [205, 157, 277, 229, 181, 301, 253, 325];

/** Sessions whose colour is remembered; more than run at a time. */
const MOST_COLOURED = 256;

/**
 * Gives sessions colours in the order in which they appear, so that 16 of them at a time are told apart.
 *
 * @returns {(owner: string) => {hue: number, darker: boolean}}
 */
export function createPalette() {
  /** @type {Map<string, number>} */
  const places = new Map();
  let next = 0;
  return (owner) => {
    let place = places.get(owner);
    if (place === undefined) {
      if (places.size === MOST_COLOURED) {
        places.delete(/** @type {string} */ (places.keys().next().value));
      }
      place = next++;
      places.set(owner, place);
    }
    return { hue: HUES[place % HUES.length], darker: Math.floor(place / HUES.length) % 2 === 1 };
  };
}

/** What one bar is, in words. @param {Bar} bar @param {string | null} own */
export function describeBar(bar, own) {
  const lines = [bar.step === undefined || bar.step < 0 ? bar.kind : `${bar.kind}, step ${bar.step}`];
  if (bar.pipeline) {
    lines[0] += ` · ${bar.pipeline}`;
  }
  // Each member of a batch has waited for a time of its own.
  const waited = bar.members.map(({ queue_us }) => queue_us).filter((us) => us !== undefined);
  lines.push(`${(bar.run_us / 1000).toFixed(1)} ms${waited.length === 0 ? '' : `, waited ${(Math.max(...waited) / 1000).toFixed(1)} ms`}`);
  const owners = bar.members.map(({ owner }) => (String(owner) === own ? 'you' : String(owner).slice(0, 8)));
  const named = owners.length > MOST_NAMED ? [...owners.slice(0, MOST_NAMED - 1), `${owners.length - MOST_NAMED + 1} more`] : owners;
  lines.push(`${owners.length > 1 ? 'shared by' : 'for'} ${named.join(', ')}`);
  const late = bar.members.filter(({ deadline_met }) => deadline_met === false).length;
  if (late > 0) {
    lines.push(owners.length > 1 ? `late for ${late} of ${owners.length}` : 'late');
  }
  return lines;
}

/**
 * Feeds spans from the server's event stream, or by asking twice a second where that does not work.
 *
 * @param {ReturnType<import('./api.js').createApi>} api
 * @param {ReturnType<typeof createSpanStore>} store
 */
export function followTimeline(api, store) {
  const source = new EventSource(api.timelineAddress());
  source.addEventListener('open', () => store.reset());
  source.addEventListener('spans', ({ data }) => store.add(JSON.parse(data), performance.now()));
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) {
      void poll();
    }
  });

  async function poll() {
    try {
      store.add(await api.timeline(store.next()), performance.now());
      setTimeout(poll, POLL_MS);
    } catch {
      setTimeout(poll, 20 * POLL_MS);
    }
  }
}

/** @param {number} number @param {string} noun */
function count(number, noun) {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
