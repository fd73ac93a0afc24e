// @ts-check
import { element } from './dom.js';

/**
 * @typedef {object} Cost what one kind of step costs in batches of one size, as the server has measured it
 * @property {string} pipeline
 * @property {string} kind
 * @property {string} form shapes and number format
 * @property {number} batch
 * @property {number} mean_us of the whole batch
 * @property {number} p50_us
 * @property {number} p95_us
 * @property {number} count
 *
 * @typedef {{pipeline: string, kind: string, form: string, cells: (Cost | null)[]}} CostRow
 */

/** How often an open table is asked for anew. */
const REFRESH_MS = 5000;

/**
 * One row per kind of step, one column per batch size that was ever measured.
 *
 * @param {Cost[]} costs
 * @returns {{batches: number[], rows: CostRow[]}}
 */
export function costTable(costs) {
  const batches = [...new Set(costs.map(({ batch }) => batch))].sort((a, b) => a - b);
  /** @type {Map<string, CostRow>} */
  const rows = new Map();
  for (const cost of costs) {
    const key = JSON.stringify([cost.pipeline, cost.kind, cost.form]);
    const row = rows.get(key) ?? { pipeline: cost.pipeline, kind: cost.kind, form: cost.form, cells: batches.map(() => null) };
    rows.set(key, row);
    row.cells[batches.indexOf(cost.batch)] = cost;
  }
  const ordered = [...rows.values()].sort(
    (a, b) => a.pipeline.localeCompare(b.pipeline) || a.form.localeCompare(b.form) || a.kind.localeCompare(b.kind),
  );
  return { batches, rows: ordered };
}

/** A time in milliseconds, as exact as it is of use. @param {number} us */
export function millis(us) {
  return (us / 1000).toFixed(us < 9995 ? 2 : us < 99_950 ? 1 : 0);
}

/**
 * Shows the table while it is unfolded, and asks for it again from time to time.
 *
 * @param {object} parts
 * @param {HTMLDetailsElement} parts.details
 * @param {HTMLTableElement} parts.table
 * @param {HTMLElement} parts.hint
 * @param {() => Promise<{costs: Cost[]}>} ask
 */
export function bindCosts({ details, table, hint }, ask) {
  let timer = 0;

  async function refresh() {
    clearTimeout(timer);
    if (!details.open) {
      return;
    }
    try {
      show((await ask()).costs);
    } catch {
      hint.textContent = 'The server does not tell what steps cost.';
    }
    timer = window.setTimeout(refresh, REFRESH_MS);
  }

  /** @param {Cost[]} costs */
  function show(costs) {
    const { batches, rows } = costTable(costs);
    table.hidden = rows.length === 0;
    hint.textContent = rows.length === 0 ? 'Nothing was measured yet.' : 'Milliseconds of a whole batch: mean, and 95th percentile of the newest.';
    table.replaceChildren(
      element('thead', {}, element('tr', {}, ...['Pipeline', 'Step', 'Form'].map(head), ...batches.map((batch) => head(batch === 1 ? '1 session' : `${batch} sessions`)))),
      element(
        'tbody',
        {},
        ...rows.map(({ pipeline, kind, form, cells }) =>
          element('tr', {}, element('th', { scope: 'row' }, pipeline), element('td', {}, kind.replaceAll('_', ' ')), element('td', {}, form), ...cells.map(cell)),
        ),
      ),
    );
  }

  details.addEventListener('toggle', refresh);
}

/** @param {string} text */
function head(text) {
  return element('th', { scope: 'col' }, text);
}

/** @param {Cost | null} cost */
function cell(cost) {
  return cost
    ? element('td', { class: 'figure', title: `${cost.count} measured, median ${millis(cost.p50_us)} ms` }, millis(cost.mean_us), ' ', element('small', {}, millis(cost.p95_us)))
    : element('td', { class: 'figure' }, '–');
}
