// @ts-check
import { element, surface } from './dom.js';
import { createPalette, describeBar, rowsOf, summaryOf, WINDOW_US } from './timeline.js';

const ROW = 34;
const TOP = 8;
const AXIS = 22;
const GUTTER = 92;

/** Narrower bars have no room for a letter. */
const LETTER_FROM = 14;

/** Time between two spoken summaries, so that a screen reader is not flooded. */
const SUMMARY_MS = 5000;

/** @typedef {{left: number, top: number, width: number, height: number, bar: import('./timeline.js').Bar}} Box */

/**
 * Draws the step timeline: a row per lane, colour per session, a letter and a texture per kind of work.
 *
 * @param {object} parts
 * @param {HTMLCanvasElement} parts.canvas
 * @param {HTMLElement} parts.tip
 * @param {HTMLElement} parts.summary
 * @param {HTMLElement} parts.legend
 * @param {HTMLButtonElement} parts.pause
 * @param {ReturnType<import('./timeline.js').createSpanStore>} parts.store
 * @param {() => string | null} own id of our session
 */
export function createTimelineView({ canvas, tip, summary, legend, pause, store }, own) {
  const calm = window.matchMedia('(prefers-reduced-motion: reduce)');
  /** @type {Box[]} */
  let boxes = [];
  /** @type {number | null} */
  let chosen = null;
  /** @type {{nowUs: number, spans: import('./timeline.js').Span[]} | null} */
  let frozen = null;
  /** @type {string[]} */
  const kinds = [];
  const palette = createPalette();
  let spokenAt = 0;
  let drawnAt = 0;
  let rowCount = 0;

  function frame(/** @type {number} */ atMs) {
    // Reduced motion: a new picture each second instead of a flow.
    if (!document.hidden && !frozen && canvas.clientWidth > 0 && atMs - drawnAt >= (calm.matches ? 1000 : 30)) {
      drawnAt = atMs;
      draw();
    }
    requestAnimationFrame(frame);
  }

  function draw() {
    const nowMs = performance.now();
    const nowUs = frozen?.nowUs ?? store.clockUs(nowMs);
    const visible = (frozen?.spans ?? store.spans()).filter(({ start_us, run_us }) => start_us + run_us > nowUs - WINDOW_US);
    const rows = rowsOf(visible);
    // Rows never go away while the page is open: a jumping page is worse than an empty row.
    rowCount = Math.max(rowCount, rows.length, 1);
    const wanted = `${TOP + rowCount * ROW + AXIS}px`;
    if (canvas.style.height !== wanted) {
      canvas.style.height = wanted;
    }
    const { context, width, height } = surface(canvas);
    const colours = colourOf(getComputedStyle(canvas), palette);
    const x = (/** @type {number} */ us) => GUTTER + ((us - nowUs + WINDOW_US) / WINDOW_US) * (width - GUTTER);
    grid(context, width, height, colours);
    boxes = [];
    rows.forEach(({ name, bars }, index) => {
      const top = TOP + index * ROW;
      context.fillStyle = colours.text;
      context.textAlign = 'left';
      context.font = '12px system-ui, sans-serif';
      context.fillText(name, 0, top + ROW / 2, GUTTER - 8);
      context.save();
      context.beginPath();
      context.rect(GUTTER, top, width - GUTTER, ROW);
      context.clip();
      for (const bar of bars) {
        const left = x(bar.start_us);
        const box = { left, top: top + 4, width: Math.max(2, x(bar.start_us + bar.run_us) - left - 1), height: ROW - 8, bar };
        paint(context, box, colours);
        boxes.push(box);
      }
      context.restore();
    });
    if (rows.length === 0) {
      context.fillStyle = colours.text;
      context.textAlign = 'center';
      context.font = '13px system-ui, sans-serif';
      context.fillText('At rest. Each denoising step shows here as it runs.', GUTTER + (width - GUTTER) / 2, TOP + ROW / 2, width - GUTTER - 8);
    }
    if (nowMs - spokenAt > SUMMARY_MS) {
      spokenAt = nowMs;
      summary.textContent = summaryOf(rows, own());
    }
    showTip(boxes.find(({ bar }) => bar.sequence === chosen));
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Box} box
   * @param {ReturnType<typeof colourOf>} colours
   */
  function paint(context, { left, top, width, height, bar }, colours) {
    const strip = height / bar.members.length;
    bar.members.forEach(({ owner }, index) => {
      context.fillStyle = String(owner) === own() ? colours.own : colours.session(String(owner));
      context.fillRect(left, top + index * strip, width, Math.max(1, strip - (index < bar.members.length - 1 ? 1 : 0)));
    });
    const kind = kindOf(bar.kind);
    texture(context, kind % 4, left, top, width, height);
    if (bar.members.length > 1) {
      context.strokeStyle = colours.strong;
      context.lineWidth = 1;
      context.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1);
    }
    if (width >= LETTER_FROM) {
      context.fillStyle = '#17161b';
      context.textAlign = 'center';
      context.font = '600 11px system-ui, sans-serif';
      const full = letters(bar);
      const fits = context.measureText(full).width <= width - 4;
      context.fillText(fits ? full : full.split(' ')[0], left + width / 2, top + height / 2, width - 2);
    }
    if (bar.deadline_met === false) {
      context.fillStyle = colours.late;
      context.beginPath();
      context.moveTo(left + width, top - 3);
      context.lineTo(left + width, top + 6);
      context.lineTo(left + width - 9, top - 3);
      context.fill();
    }
    if (bar.sequence === chosen) {
      context.strokeStyle = colours.strong;
      context.lineWidth = 2;
      context.strokeRect(left, top - 1, width, height + 2);
    }
  }

  /** A number per kind, in order of appearance, with a legend entry. @param {string} kind */
  function kindOf(kind) {
    const known = kinds.indexOf(kind);
    if (known >= 0) {
      return known;
    }
    kinds.push(kind);
    legend.append(element('span', { class: `kind texture-${(kinds.length - 1) % 4}` }, element('b', {}, initial(kind)), ` ${kind.toLowerCase().replaceAll('_', ' ')}`));
    return kinds.length - 1;
  }

  /** @param {Box | undefined} box */
  function showTip(box) {
    tip.hidden = !box;
    if (box) {
      const text = describeBar(box.bar, own()).join('\n');
      if (tip.textContent !== text) {
        tip.textContent = text;
      }
      const most = canvas.clientWidth - tip.offsetWidth;
      tip.style.setProperty('left', `${Math.max(0, Math.min(most, box.left))}px`);
      tip.style.setProperty('top', `${box.top + box.height + 6}px`);
    }
  }

  /** @param {number | null} sequence */
  function choose(sequence) {
    if (sequence !== chosen) {
      chosen = sequence;
      draw();
    }
  }

  function setPaused(/** @type {boolean} */ paused) {
    frozen = paused ? { nowUs: store.clockUs(performance.now()), spans: store.spans() } : null;
    pause.setAttribute('aria-pressed', String(paused));
    pause.textContent = paused ? 'Resume timeline' : 'Pause timeline';
  }

  canvas.addEventListener('pointermove', ({ offsetX, offsetY }) => {
    const hit = boxes.findLast(({ left, top, width, height }) => offsetX >= left && offsetX <= left + width && offsetY >= top && offsetY <= top + height);
    choose(hit?.bar.sequence ?? null);
  });
  canvas.addEventListener('pointerleave', () => choose(null));
  canvas.addEventListener('blur', () => choose(null));
  canvas.addEventListener('keydown', (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (move && boxes.length > 0) {
      event.preventDefault();
      setPaused(true);
      const ordered = boxes.toSorted((a, b) => a.bar.start_us - b.bar.start_us);
      const at = ordered.findIndex(({ bar }) => bar.sequence === chosen);
      const to = at < 0 ? ordered.length - 1 : Math.min(ordered.length - 1, Math.max(0, at + move));
      choose(ordered[to].bar.sequence);
      summary.textContent = describeBar(ordered[to].bar, own()).join(', ');
    }
  });
  pause.addEventListener('click', () => setPaused(!frozen));
  window.addEventListener('resize', draw);
  requestAnimationFrame(frame);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} width
 * @param {number} height
 * @param {ReturnType<typeof colourOf>} colours
 */
function grid(context, width, height, colours) {
  context.textBaseline = 'middle';
  context.font = '11px system-ui, sans-serif';
  const seconds = WINDOW_US / 1e6;
  for (let second = 0; second <= seconds; second++) {
    const left = GUTTER + ((width - GUTTER) * second) / seconds;
    context.fillStyle = colours.line;
    context.fillRect(Math.round(left) - (second === seconds ? 1 : 0), TOP, 1, height - TOP - AXIS);
    context.fillStyle = colours.text;
    context.textAlign = second === seconds ? 'right' : second === 0 ? 'left' : 'center';
    context.fillText(second === seconds ? 'now' : `−${seconds - second} s`, left, height - AXIS / 2);
  }
}

/**
 * Kinds differ by texture: plain, slanted, dotted, upright lines.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number} kind
 * @param {number} left
 * @param {number} top
 * @param {number} width
 * @param {number} height
 */
function texture(context, kind, left, top, width, height) {
  if (kind === 0) {
    return;
  }
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.strokeStyle = context.fillStyle = 'rgb(0 0 0 / 24%)';
  context.lineWidth = 1.5;
  context.beginPath();
  for (let along = 0; along < width + height; along += 6) {
    if (kind === 1) {
      context.moveTo(left + along, top);
      context.lineTo(left + along - height, top + height);
    } else if (kind === 2) {
      for (let down = 4; down < height; down += 6) {
        context.rect(left + along, top + down, 2, 2);
      }
    } else {
      context.moveTo(left + along + 0.5, top);
      context.lineTo(left + along + 0.5, top + height);
    }
  }
  context.stroke();
  context.restore();
}

/** @param {CSSStyleDeclaration} style @param {ReturnType<typeof createPalette>} palette */
function colourOf(style, palette) {
  const of = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  return {
    own: of('--accent-bright'),
    strong: of('--ink'),
    text: of('--ink-soft'),
    line: of('--line'),
    late: of('--bad'),
    session: (/** @type {string} */ owner) => {
      const { hue, darker } = palette(owner);
      return `hsl(${hue} ${of('--session-saturation')} ${Number.parseFloat(of('--session-lightness')) - (darker ? 16 : 0)}%)`;
    },
  };
}

/** @param {import('./timeline.js').Bar} bar */
function letters(bar) {
  const step = bar.step !== undefined && bar.step >= 0 ? bar.step : '';
  return `${initial(bar.kind)}${step}${bar.members.length > 1 ? ` ×${bar.members.length}` : ''}`;
}

/** Decoding and denoising begin alike. @param {string} kind */
function initial(kind) {
  return /^denoise$/i.test(kind) ? 'N' : kind.slice(0, 1).toUpperCase();
}
