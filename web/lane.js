// @ts-check
import { element } from './dom.js';
import { chunkAt, framesBefore, freeChunk, MOST_KEYFRAMES, moved, roomiest, segments } from './keyframes.js';

/** Labels closer than that would touch. */
const LABEL_PX = 62;

/** Chunks narrower than that get no lines between them. */
const GRID_PX = 12;

/** Neighbouring prompts get hues that far apart on the circle, so that no two near ones look alike. */
const HUE_STEP = 137;
const FIRST_HUE = 28;

/**
 * The lane of prompts: a mark per keyframe, to be dragged or moved by keys, and fields for the chosen one.
 *
 * @param {object} parts
 * @param {HTMLElement} parts.lane
 * @param {HTMLButtonElement} parts.add
 * @param {HTMLElement} parts.label
 * @param {HTMLInputElement} parts.text
 * @param {HTMLInputElement} parts.chunk
 * @param {HTMLInputElement} parts.transition
 * @param {HTMLButtonElement} parts.remove
 * @param {HTMLElement} parts.about
 */
export function createLane({ lane, add, label, text, chunk, transition, remove, about }) {
  /** @type {import('./keyframes.js').Keyframe[]} */
  let keyframes = [{ chunk: 0, prompt: '', transition: 0 }];
  /** @type {import('./keyframes.js').Geometry} */
  let geometry = { first: 9, later: 12, group: 1 };
  let chunks = 8;
  let fps = 16;
  let chosen = 0;

  const ruler = element('div', { class: 'ruler', 'aria-hidden': 'true' });
  const track = element('div', { class: 'track' });
  const marks = element('div', {});
  const playhead = element('div', { class: 'playhead', hidden: true });
  lane.replaceChildren(ruler, track, playhead, marks);

  const frames = () => framesBefore(chunks, geometry);
  const percent = (/** @type {number} */ at) => (100 * framesBefore(at, geometry)) / frames();
  const seconds = (/** @type {number} */ at) => `${(framesBefore(at, geometry) / fps).toFixed(1)} s`;
  const hue = (/** @type {number} */ index) => (FIRST_HUE + index * HUE_STEP) % 360;

  /** @param {PointerEvent | MouseEvent} event */
  function chunkUnder(event) {
    const box = track.getBoundingClientRect();
    const frame = ((event.clientX - box.left) / box.width) * frames();
    // A mark is where its chunk begins, so that the nearest beginning counts, not the chunk under the pointer.
    const at = chunkAt(Math.max(0, frame), geometry);
    const nearer = frame - framesBefore(at, geometry) > framesBefore(at + 1, geometry) - frame ? at + 1 : at;
    return Math.max(0, Math.min(chunks - 1, nearer));
  }

  function draw() {
    const all = segments(keyframes, chunks);
    track.replaceChildren(...all.map(segment));
    track.append(element('div', { class: 'grid' }));
    track.lastChild.style.setProperty('--chunk', `${percent(2) - percent(1)}%`);
    // The first chunk may be shorter, so that the lines begin after it.
    track.lastChild.style.left = `calc(${percent(1)}% - ${percent(2) - percent(1)}%)`;
    drawMarks(all.length);
    drawFields();
    drawRuler();
  }

  function drawRuler() {
    track.querySelector('.grid').classList.toggle('fine', lane.clientWidth / chunks < GRID_PX);
    const total = frames() / fps;
    const most = Math.max(1, Math.floor(lane.clientWidth / LABEL_PX));
    const step = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600].find((each) => total / each <= most) ?? total;
    const labels = [];
    for (let at = 0; at < total - step * 0.4; at += step) {
      labels.push(element('span', {}, `${at} s`));
      labels[labels.length - 1].style.left = `${(100 * at) / total}%`;
    }
    const end = element('span', {}, `${total.toFixed(1)} s`);
    end.style.left = '100%';
    ruler.replaceChildren(...labels, end);
  }

  /** @param {ReturnType<typeof segments>[number]} one @param {number} index */
  function segment({ from, to, glideTo, prompt }, index) {
    const box = element('div', { class: prompt.trim() === '' ? 'segment empty' : 'segment', title: prompt });
    box.style.left = `${percent(from)}%`;
    box.style.width = `${percent(to) - percent(from)}%`;
    box.style.setProperty('--hue', String(hue(index)));
    if (glideTo > from) {
      const glide = element('div', { class: 'glide' });
      glide.style.width = `${(100 * (percent(glideTo) - percent(from))) / (percent(to) - percent(from))}%`;
      const tone = `var(--session-saturation) var(--session-lightness)`;
      glide.style.background = `linear-gradient(90deg, hsl(${hue(index - 1)} ${tone}), hsl(${hue(index)} ${tone}))`;
      box.append(glide);
    }
    box.append(element('span', {}, prompt.trim() || 'no words yet'));
    return box;
  }

  /** Marks stay the same elements as long as there are as many: a drag and the focus must not be lost. @param {number} count */
  function drawMarks(count) {
    while (marks.children.length > count) {
      marks.lastChild.remove();
    }
    while (marks.children.length < count) {
      marks.append(mark(marks.children.length));
    }
    [...marks.children].forEach((handle, index) => {
      const { chunk: at, prompt } = keyframes[index];
      handle.style.left = `${percent(at)}%`;
      handle.style.setProperty('--hue', String(hue(index)));
      const attributes = {
        'aria-valuemax': chunks - 1,
        'aria-valuenow': at,
        'aria-valuetext': `chunk ${at}, ${seconds(at)}: ${prompt.trim() || 'no words yet'}`,
        'aria-current': String(index === chosen),
      };
      for (const [name, value] of Object.entries(attributes)) {
        handle.setAttribute(name, String(value));
      }
    });
  }

  /** @param {number} index */
  function mark(index) {
    const handle = element('button', {
      type: 'button',
      class: 'mark-handle',
      role: 'slider',
      'aria-label': `Start of prompt ${index + 1}`,
      'aria-valuemin': index === 0 ? 0 : 1,
      'aria-disabled': index === 0 ? 'true' : 'false',
      'data-testid': `mark-${index}`,
      onfocus: () => choose(index),
      onclick: () => choose(index),
      onkeydown: (/** @type {KeyboardEvent} */ event) => press(event, index),
      onpointerdown: (/** @type {PointerEvent} */ event) => {
        handle.focus();
        handle.setPointerCapture(event.pointerId);
      },
      onpointermove: (/** @type {PointerEvent} */ event) => {
        if (handle.hasPointerCapture(event.pointerId)) {
          move(index, chunkUnder(event));
        }
      },
    });
    return handle;
  }

  /** @param {KeyboardEvent} event @param {number} index */
  function press(event, index) {
    const at = keyframes[index].chunk;
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5, Home: -chunks, End: chunks };
    const step = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (step) {
      move(index, at + step);
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      take(index);
    } else if (event.key === 'Enter') {
      text.focus();
    } else {
      return;
    }
    event.preventDefault();
  }

  /** @param {number} index @param {number} to */
  function move(index, to) {
    keyframes = moved(keyframes, index, to, chunks);
    draw();
  }

  /** @param {number} index */
  function choose(index) {
    if (chosen !== index) {
      chosen = index;
      draw();
    }
  }

  /** @param {number} index */
  function take(index) {
    if (index > 0) {
      keyframes = keyframes.filter((_, at) => at !== index);
      chosen = index - 1;
      draw();
      marks.children[chosen]?.focus();
    }
  }

  /** @param {number} wanted */
  function insert(wanted) {
    const at = keyframes.length < MOST_KEYFRAMES ? freeChunk(keyframes, wanted, chunks) : null;
    if (at === null) {
      about.textContent = 'There is no room for another prompt; make the video longer.';
      return;
    }
    keyframes = [...keyframes, { chunk: at, prompt: '', transition: 0 }].sort((a, b) => a.chunk - b.chunk);
    chosen = keyframes.findIndex(({ chunk: own }) => own === at);
    draw();
    text.focus();
  }

  function drawFields() {
    const { chunk: at, prompt, transition: glide } = keyframes[chosen];
    label.textContent = `Prompt ${chosen + 1}${keyframes.length > 1 ? ` of ${keyframes.length}` : ''}`;
    if (text.value !== prompt) {
      text.value = prompt;
    }
    chunk.value = String(at);
    chunk.max = String(chunks - 1);
    transition.value = String(glide);
    for (const field of [chunk, transition, remove]) {
      field.disabled = chosen === 0;
    }
    about.textContent =
      chosen === 0
        ? 'It holds from the first frame on.'
        : at >= chunks
          ? 'It lies beyond the end of the video and is left out.'
          : glide > 0
            ? `Glides from ${seconds(at)} to ${seconds(Math.min(chunks, at + glide))}.`
            : `A hard cut at ${seconds(at)}.`;
  }

  add.addEventListener('click', () => insert(roomiest(keyframes, chunks)));
  track.addEventListener('dblclick', (/** @type {MouseEvent} */ event) => insert(chunkUnder(event)));
  track.addEventListener('click', (/** @type {MouseEvent} */ event) => {
    const box = track.getBoundingClientRect();
    const at = chunkAt(((event.clientX - box.left) / box.width) * frames(), geometry);
    choose(Math.max(0, keyframes.findLastIndex(({ chunk: own }) => own <= at)));
  });
  text.addEventListener('input', () => {
    keyframes = keyframes.map((one, index) => (index === chosen ? { ...one, prompt: text.value } : one));
    draw();
  });
  chunk.addEventListener('change', () => {
    if (chunk.value !== '') {
      move(chosen, Math.round(Number(chunk.value)));
    }
    drawFields();
  });
  transition.addEventListener('change', () => {
    const glide = Math.min(1000, Math.max(0, Math.round(Number(transition.value) || 0)));
    keyframes = keyframes.map((one, index) => (index === chosen ? { ...one, transition: glide } : one));
    draw();
  });
  remove.addEventListener('click', () => take(chosen));
  new ResizeObserver(drawRuler).observe(lane);
  draw();

  return {
    keyframes: () => keyframes,
    /** @param {import('./keyframes.js').Keyframe[]} given */
    show(given) {
      keyframes = given;
      chosen = 0;
      draw();
    },
    /** @param {{geometry: import('./keyframes.js').Geometry, chunks: number, fps: number}} length */
    resize(length) {
      ({ geometry, chunks, fps } = length);
      chosen = Math.min(chosen, Math.max(0, keyframes.findLastIndex(({ chunk: at }) => at < chunks)));
      draw();
    },
    /** @param {number} index */
    edit(index) {
      choose(index);
      text.focus();
    },
    /** Where the shown video plays; null hides it. @param {number | null} atSeconds */
    playAt(atSeconds) {
      playhead.hidden = atSeconds === null;
      playhead.style.left = `${Math.min(100, (100 * (atSeconds ?? 0) * fps) / frames())}%`;
    },
  };
}
