// @ts-check
import { element } from './dom.js';

/** More prompts than this blend to mud, and the row of sliders gets long. */
export const MOST_PROMPTS = 6;

const FULL_WEIGHT = 100;

/** @typedef {{text: string, weight: number}} Prompt */

/**
 * The update that brings these prompts about: a jump, or a transition over so many chunks.
 *
 * @param {Prompt[]} prompts
 * @param {number} steps
 * @returns {Record<string, unknown>}
 */
export function promptUpdate(prompts, steps) {
  const used = prompts.map(({ text, weight }) => ({ text: text.trim(), weight })).filter(({ text }) => text !== '');
  return steps > 0
    ? { transition: { target_prompts: used, num_steps: steps, temporal_interpolation_method: 'linear' } }
    : { prompts: used };
}

/**
 * Share of each prompt in the blend, in whole per cent; all zero counts as all equal.
 *
 * @param {Prompt[]} prompts
 */
export function shares(prompts) {
  const sum = prompts.reduce((total, { weight }) => total + weight, 0);
  return prompts.map(({ weight }) => Math.round((100 * (sum > 0 ? weight : 1)) / (sum > 0 ? sum : prompts.length)));
}

/**
 * Prompts that a pipeline names as examples, to choose from while typing.
 *
 * @param {any} pipeline one entry of the schemas answer
 * @returns {string[]}
 */
export function ideasOf(pipeline) {
  return pipeline?.config_schema?.properties?.prompts?.items?.properties?.text?.examples ?? [];
}

/**
 * The list of prompts with their weights. Enter applies a text; a weight applies while it is dragged.
 *
 * @param {HTMLElement} list
 * @param {HTMLButtonElement} add
 * @param {HTMLInputElement} steps
 * @param {(update: Record<string, unknown>) => void} onUpdate
 */
export function createPrompts(list, add, steps, onUpdate) {
  /** @type {Prompt[]} */
  let prompts = [{ text: 'watercolor painting', weight: FULL_WEIGHT }];
  let applied = '';

  const numSteps = () => Math.max(0, Math.round(Number(steps.value) || 0));

  function apply() {
    const now = JSON.stringify(prompts);
    if (now !== applied) {
      applied = now;
      onUpdate(promptUpdate(prompts, numSteps()));
    }
  }

  function draw() {
    list.replaceChildren(...prompts.map(row));
    list.classList.toggle('single', prompts.length === 1);
    add.disabled = prompts.length >= MOST_PROMPTS;
    showShares();
  }

  function showShares() {
    const all = shares(prompts);
    list.querySelectorAll('output').forEach((output, index) => {
      output.textContent = `${all[index]} %`;
    });
  }

  /** @param {Prompt} prompt @param {number} index */
  function row(prompt, index) {
    const name = `Prompt ${index + 1}`;
    const text = element('input', {
      id: `prompt-${index}`,
      'data-testid': `prompt-${index}`,
      type: 'text',
      'aria-label': name,
      placeholder: 'Describe what to see',
      autocomplete: 'off',
      list: 'ideas',
      maxlength: 5000,
      enterkeyhint: 'go',
      oninput: () => {
        prompt.text = text.value;
      },
      onchange: apply,
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === 'Enter' && !event.isComposing) {
          apply();
        }
      },
    });
    text.value = prompt.text;
    const weight = element('input', {
      type: 'range',
      min: 0,
      max: FULL_WEIGHT,
      'aria-label': `Weight of prompt ${index + 1}`,
      oninput: () => {
        prompt.weight = Number(weight.value);
        showShares();
        // Each step of a drag as a transition of its own would never arrive anywhere.
        if (numSteps() === 0) {
          apply();
        }
      },
      onchange: apply,
    });
    weight.value = String(prompt.weight);
    const remove = element('button', {
      type: 'button',
      class: 'quiet',
      'aria-label': `Remove prompt ${index + 1}`,
      onclick: () => {
        prompts.splice(index, 1);
        draw();
        apply();
        document.getElementById(`prompt-${Math.max(0, index - 1)}`)?.focus();
      },
    }, '✕');
    return element('li', { class: 'prompt' }, text, element('span', { class: 'weight' }, weight, element('output', {})), remove);
  }

  add.addEventListener('click', () => {
    prompts.push({ text: '', weight: FULL_WEIGHT });
    draw();
    document.getElementById(`prompt-${prompts.length - 1}`)?.focus();
  });
  draw();

  return {
    /** For a new session, which starts without a transition. */
    current() {
      applied = JSON.stringify(prompts);
      return promptUpdate(prompts, 0);
    },
    /** Takes over what somebody else has set. @param {unknown} changed */
    reflect(changed) {
      if (Array.isArray(changed) && changed.length > 0) {
        prompts = changed
          .slice(0, MOST_PROMPTS)
          .map((one) => (typeof one === 'string' ? { text: one, weight: FULL_WEIGHT } : { text: String(one.text), weight: scaled(one, changed) }));
        applied = JSON.stringify(prompts);
        draw();
      }
    },
  };
}

/** Weights may be on any scale; the sliders' is 0 to 100. @param {any} prompt @param {any[]} all */
function scaled(prompt, all) {
  const most = Math.max(...all.map(({ weight }) => Number(weight ?? 1)));
  return most > 0 ? Math.round((FULL_WEIGHT * Number(prompt.weight ?? 1)) / most) : FULL_WEIGHT;
}
