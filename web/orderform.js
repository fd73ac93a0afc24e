// @ts-check
import { element } from './dom.js';
import { fieldsOf, renderForm } from './form.js';
import { chunksOf, framesBefore, ofSchedule, toRequest, troubleOf } from './keyframes.js';
import { firstChoice } from './pipelines.js';
import { ideasOf } from './prompts.js';

/** Asked for in fields of their own, or said elsewhere in the request. */
const SEEDS = ['base_seed', 'seed'];

/**
 * The settings of a video: the page's own fields, and those that the pipeline asks for.
 *
 * @param {Record<'pipeline' | 'about' | 'width' | 'height' | 'frames' | 'fps' | 'length' | 'controls' | 'ideas', any>} parts
 * @param {ReturnType<import('./lane.js').createLane>} lane
 * @param {ReturnType<import('./inputfile.js').createInputFile>} input
 */
export function createOrderForm(parts, lane, input) {
  /** @type {any[]} */
  let pipelines = [];
  /** Values that the person has set, by sending name. @type {Record<string, any>} */
  let values = {};
  /** @type {(parameters: Record<string, unknown>) => void} */
  let reflect = () => undefined;
  let drawnFor = '';
  /** What the server has loaded. @type {any} */
  let loaded = {};
  /** The seed as it is shown. @type {unknown} */
  let shownSeed;

  const pipeline = () => pipelines.find(({ id }) => id === parts.pipeline.value);
  const mode = () => (input.file() ? 'video' : 'text');
  const defaults = () => pipeline()?.mode_defaults?.[mode()] ?? Object.values(pipeline()?.mode_defaults ?? {})[0] ?? {};

  function geometry() {
    const { first_chunk_frames: first = 12, chunk_frames: later = 12, chunk_group: group = 1 } = defaults();
    return { first, later, group };
  }

  function frames() {
    return Math.max(1, Math.round(Number(parts.frames.value) || 1));
  }

  function fps() {
    return Math.max(1, Math.round(Number(parts.fps.value) || 1));
  }

  function refresh() {
    const chosen = pipeline();
    if (!chosen) {
      return;
    }
    const modes = chosen.supported_modes ?? [];
    input.want(modes.includes('video'), !modes.includes('text'));
    if (drawnFor !== `${chosen.id} ${mode()}`) {
      drawnFor = `${chosen.id} ${mode()}`;
      drawControls(chosen);
    }
    drawLength();
  }

  /** @param {any} chosen */
  function drawControls(chosen) {
    parts.about.textContent = chosen.description ?? '';
    parts.ideas.replaceChildren(...ideasOf(chosen).map((idea) => element('option', { value: idea })));
    // What the person has set stays where the other pipeline has it too.
    const fields = fieldsOf(chosen, mode()).filter(({ onLoad }) => !onLoad).map(asSeed);
    const known = new Set(fields.map(({ sendAs }) => sendAs));
    values = Object.fromEntries(Object.entries(values).filter(([name]) => known.has(name)));
    reflect = renderForm(parts.controls, fields, (field, value) => {
      values[field.sendAs] = value;
    });
    reflect(values);
    shownSeed = fields.find(({ isSeed }) => isSeed)?.value ?? undefined;
    for (const side of ['width', 'height']) {
      const schema = chosen.config_schema?.properties?.[side] ?? {};
      const field = parts[side];
      field.min = schema.minimum ?? chosen.min_dimension ?? 16;
      field.max = schema.maximum ?? '';
      field.step = schema.multipleOf ?? 1;
      field.placeholder = (chosen.id === loaded.pipeline_id ? loaded.load_params?.[side] : null) ?? defaults()[side] ?? '';
      field.disabled = !chosen.supports_run_sizes;
    }
  }

  /** However a pipeline calls it: the request has one name for it. @param {import('./form.js').Field} field */
  function asSeed(field) {
    return SEEDS.includes(field.sendAs) ? { ...field, sendAs: 'seed' } : field;
  }

  function drawLength() {
    const own = geometry();
    const chunks = chunksOf(frames(), own);
    const made = framesBefore(chunks, own);
    const rounded = made === frames() ? '' : `, ${made} frames: chunks are made whole`;
    parts.length.textContent = `${(made / fps()).toFixed(1)} s in ${chunks} ${chunks === 1 ? 'chunk' : 'chunks'}${rounded}.`;
    lane.resize({ geometry: own, chunks, fps: fps() });
  }

  for (const field of [parts.frames, parts.fps]) {
    field.addEventListener('input', drawLength);
  }
  parts.pipeline.addEventListener('change', refresh);

  /** @returns {string | null} */
  function sizeTrouble() {
    const { width, height, frames: count, fps: rate } = parts;
    if ((width.value === '') !== (height.value === '')) {
      return 'Give both width and height, or neither for the size of the pipeline.';
    }
    for (const [name, field] of Object.entries({ Width: width, Height: height, Frames: count, 'Frames per second': rate })) {
      if (!field.disabled && !field.checkValidity()) {
        return `${name}: ${field.validationMessage}`;
      }
    }
    return null;
  }

  return {
    refresh,

    /** @param {any[]} all @param {any} status */
    offer(all, status) {
      pipelines = all;
      loaded = status;
      parts.pipeline.replaceChildren(...all.map(({ id, name }) => element('option', { value: id }, name)));
      parts.pipeline.value = firstChoice(all, status.pipeline_id);
      refresh();
    },

    /**
     * @returns {{trouble: string, keyframe?: number} | {pipeline: string, request: Record<string, unknown>, file: File | null}}
     */
    order() {
      const chosen = pipeline();
      if (!chosen) {
        return { trouble: 'The server offers no pipeline.' };
      }
      const modes = chosen.supported_modes ?? [];
      if (!modes.includes(mode())) {
        return { trouble: input.file() ? 'This pipeline makes videos of text alone: remove the file.' : 'This pipeline needs a picture or a video to begin with.' };
      }
      const wrong = sizeTrouble();
      if (wrong) {
        return { trouble: wrong };
      }
      const chunks = chunksOf(frames(), geometry());
      const prompts = lane.keyframes();
      const empty = troubleOf(prompts, chunks);
      if (empty) {
        return { trouble: empty.message, keyframe: empty.index };
      }
      // The server would roll the dice for a seed that is not said.
      const { seed = shownSeed, ...extra } = values;
      const keyframes = toRequest(prompts, chunks);
      const sized = parts.width.value !== '' && !parts.width.disabled;
      return {
        pipeline: chosen.id,
        file: input.file(),
        request: {
          model: chosen.id,
          prompt: prompts[0].prompt.trim(),
          num_frames: frames(),
          fps: fps(),
          ...(sized ? { width: Number(parts.width.value), height: Number(parts.height.value) } : {}),
          ...(seed === undefined ? {} : { seed }),
          extra_params: { ...extra, ...(keyframes.length > 0 ? { keyframes } : {}) },
        },
      };
    },

    /**
     * @param {any} plan of a job
     * @returns {string | null} what could not be taken over
     */
    fill(plan) {
      if (!plan) {
        return 'What was asked for is not known any more.';
      }
      const there = pipelines.some(({ id }) => id === plan.pipeline);
      if (there) {
        parts.pipeline.value = plan.pipeline;
      }
      const group = pipeline()?.mode_defaults?.[plan.mode]?.chunk_group ?? 1;
      const { keyframes, values: said } = ofSchedule(plan.schedule, group);
      const { base_seed: baseSeed, ...rest } = said;
      values = baseSeed === undefined ? rest : { ...rest, seed: baseSeed };
      parts.width.value = plan.width ?? '';
      parts.height.value = plan.height ?? '';
      parts.frames.value = plan.frames;
      parts.fps.value = plan.fps;
      drawnFor = '';
      refresh();
      lane.show(keyframes);
      return there ? null : `There is no pipeline "${plan.pipeline}" here; choose another one.`;
    },

    /** Whether the lane shows the time of that job. @param {any} job */
    fits(job) {
      return job.shape?.fps === fps() && framesBefore(chunksOf(frames(), geometry()), geometry()) === job.shape?.frames;
    },
  };
}
