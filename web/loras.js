// @ts-check
import { element } from './dom.js';

const LEAST_SCALE = -2;
const MOST_SCALE = 2;

/** So that its scale can change while the pipeline runs. */
const MERGE_MODE = 'runtime_peft';

/**
 * @typedef {object} Lora
 * @property {string} path
 * @property {string} name
 * @property {boolean} chosen
 * @property {boolean} fixed loaded as part of the weights: its scale does not change
 * @property {number} scale
 */

/**
 * Whether a pipeline takes LoRA files.
 *
 * @param {any} pipeline one entry of the schemas answer
 */
export function takesLoras(pipeline) {
  return pipeline?.config_schema?.properties?.loras?.ui?.component === 'lora';
}

/**
 * The files on the server, with what is loaded of them.
 *
 * @param {any[]} files as the server lists them
 * @param {any} loaded the load parameters
 * @returns {Lora[]}
 */
export function lorasOf(files, loaded) {
  return files.map(({ path, name }) => {
    const one = (loaded.loras ?? []).find((/** @type {any} */ known) => isFile(path, known.path));
    const fixed = Boolean(one) && (one.merge_mode ?? loaded.lora_merge_mode) !== MERGE_MODE;
    return { path: one?.path ?? path, name, chosen: Boolean(one), fixed, scale: Number(one?.scale ?? 1) };
  });
}

/** A loaded path may be relative, and without its ending. @param {string} file @param {string} path */
function isFile(file, path) {
  return [file, file.replace(/[.]safetensors$/, '')].some((known) => known === path || known.endsWith(`/${path}`));
}

/** @param {Lora[]} loras @returns {Record<string, unknown>} for the next load; scales are left to the session */
export function loadUpdate(loras) {
  return { loras: loras.filter(({ chosen }) => chosen).map(({ path }) => ({ path, scale: 1, merge_mode: MERGE_MODE })) };
}

/** @param {Lora[]} loras @returns {Record<string, unknown>} for a running pipeline, nothing without LoRAs */
export function scaleUpdate(loras) {
  const scales = loras.filter(({ chosen, fixed }) => chosen && !fixed).map(({ path, scale }) => ({ path, scale }));
  return scales.length > 0 ? { lora_scales: scales } : {};
}

/**
 * Draws a switch for each LoRA file, for the next load, and a slider for its scale, which acts at once.
 *
 * @param {HTMLElement} box
 * @param {{onLoad: (update: Record<string, unknown>) => void, onScale: (update: Record<string, unknown>) => void}} listener
 */
export function createLoras(box, { onLoad, onScale }) {
  /** @type {Lora[]} */
  let loras = [];

  /** @param {Lora} lora @param {number} index */
  function row(lora, index) {
    const use = element('input', {
      id: `lora-${index}`,
      type: 'checkbox',
      role: 'switch',
      onchange: () => {
        lora.chosen = use.checked;
        lora.fixed = false;
        slider.disabled = !use.checked;
        onLoad(loadUpdate(loras));
      },
    });
    use.checked = lora.chosen;
    const slider = element('input', {
      id: `lora-scale-${index}`,
      type: 'range',
      min: LEAST_SCALE,
      max: MOST_SCALE,
      step: 0.05,
      'aria-label': `Scale of ${lora.name}`,
      oninput: () => {
        lora.scale = Number(slider.value);
        shown.textContent = slider.value;
        onScale(scaleUpdate(loras));
      },
    });
    const shown = element('output', { for: slider.id });
    slider.value = String(lora.scale);
    slider.disabled = !lora.chosen || lora.fixed;
    shown.textContent = slider.value;
    return element(
      'div',
      { class: 'field toggle' },
      element('label', { for: use.id }, lora.name),
      use,
      element('span', { class: 'pair lora' }, slider, shown),
    );
  }

  function draw() {
    box.hidden = loras.length === 0;
    box.replaceChildren(element('h3', {}, 'LoRA'), ...loras.map(row));
  }

  return {
    /** @param {Lora[]} now */
    show(now) {
      loras = now;
      draw();
    },
    /** Which are loaded is fixed while a stream runs. @param {boolean} runs */
    freeze(runs) {
      for (const use of box.querySelectorAll('input[type="checkbox"]')) {
        /** @type {HTMLInputElement} */ (use).disabled = runs;
      }
    },
    /** For a new session. */
    current: () => scaleUpdate(loras),
    /** Takes over what somebody else has set. @param {any} scales */
    reflect(scales) {
      if (Array.isArray(scales)) {
        for (const lora of loras) {
          lora.scale = Number(scales.find(({ path }) => isFile(lora.path, String(path)))?.scale ?? lora.scale);
        }
        const frozen = box.querySelector('input[type="checkbox"]:disabled') !== null;
        draw();
        this.freeze(frozen);
      }
    },
  };
}
