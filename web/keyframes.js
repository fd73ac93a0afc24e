// @ts-check

/**
 * Prompts over the length of a video, counted in chunks. The first keyframe is always at chunk 0.
 *
 * @typedef {{chunk: number, prompt: string, transition: number}} Keyframe transition: chunks that the glide to it takes; 0 is a hard cut
 * @typedef {{first: number, later: number, group: number}} Geometry frames of the first and of each later chunk, and chunks of the pipeline in one
 */

/** More would not be told apart on the lane. */
export const MOST_KEYFRAMES = 60;

/** Chunks that so many frames take; the last one may have to be filled up. @param {number} frames @param {Geometry} geometry */
export function chunksOf(frames, { first, later }) {
  return 1 + Math.ceil(Math.max(0, frames - first) / later);
}

/** First frame of a chunk, or the number of frames before it. @param {number} chunk @param {Geometry} geometry */
export function framesBefore(chunk, { first, later }) {
  return chunk === 0 ? 0 : first + (chunk - 1) * later;
}

/** Chunk that a frame is in. @param {number} frame @param {Geometry} geometry */
export function chunkAt(frame, { first, later }) {
  return frame < first ? 0 : 1 + Math.floor((frame - first) / later);
}

/**
 * The free chunk that is next to the wanted one; the first chunk is never free.
 *
 * @param {Keyframe[]} keyframes
 * @param {number} wanted
 * @param {number} chunks
 * @returns {number | null}
 */
export function freeChunk(keyframes, wanted, chunks) {
  const taken = new Set(keyframes.map(({ chunk }) => chunk));
  for (let away = 0; away < chunks; away++) {
    for (const chunk of [wanted + away, wanted - away]) {
      if (chunk > 0 && chunk < chunks && !taken.has(chunk)) {
        return chunk;
      }
    }
  }
  return null;
}

/** The middle of the longest stretch under one prompt: where another one fits best. @param {Keyframe[]} keyframes @param {number} chunks */
export function roomiest(keyframes, chunks) {
  const longest = segments(keyframes, chunks).reduce((best, one) => (one.to - one.from > best.to - best.from ? one : best));
  return longest.from + Math.ceil((longest.to - longest.from) / 2);
}

/**
 * @param {Keyframe[]} keyframes
 * @param {number} index
 * @param {number} chunk where it shall be; it stays between its neighbours
 * @param {number} chunks
 * @returns {Keyframe[]}
 */
export function moved(keyframes, index, chunk, chunks) {
  if (index === 0) {
    return keyframes;
  }
  const least = keyframes[index - 1].chunk + 1;
  const most = (keyframes[index + 1]?.chunk ?? chunks) - 1;
  const to = Math.min(most, Math.max(least, chunk));
  return to < least ? keyframes : keyframes.map((one, at) => (at === index ? { ...one, chunk: to } : one));
}

/**
 * What the lane shows: from where to where a prompt holds, and how far its glide reaches.
 *
 * @param {Keyframe[]} keyframes
 * @param {number} chunks
 */
export function segments(keyframes, chunks) {
  return keyframes
    .filter(({ chunk }) => chunk < chunks)
    .map(({ chunk, prompt, transition }, index) => {
      const to = Math.min(chunks, keyframes[index + 1]?.chunk ?? chunks);
      return { from: chunk, to, glideTo: index === 0 ? chunk : Math.min(to, chunk + transition), prompt };
    });
}

/** What is wrong with them, in words; null if nothing is. @param {Keyframe[]} keyframes @param {number} chunks */
export function troubleOf(keyframes, chunks) {
  const empty = keyframes.findIndex(({ prompt, chunk }) => prompt.trim() === '' && chunk < chunks);
  return empty < 0 ? null : { index: empty, message: 'Describe what to see: a prompt is empty.' };
}

/** In the form of the request; those beyond the end are left out. @param {Keyframe[]} keyframes @param {number} chunks */
export function toRequest(keyframes, chunks) {
  return keyframes
    .slice(1)
    .filter(({ chunk }) => chunk < chunks)
    .map(({ chunk, prompt, transition }) => ({ chunk, prompt: prompt.trim(), transition_chunks: transition }));
}

/**
 * Reads the plan of a job, whichever face made it.
 *
 * @param {any} schedule
 * @param {number} group chunks of the pipeline in one of the job
 * @returns {{keyframes: Keyframe[], values: Record<string, any>}} the prompts, and what else holds from the first chunk on
 */
export function ofSchedule(schedule, group) {
  const said = Object.entries(schedule?.keyframes ?? {}).sort(([a], [b]) => Number(a) - Number(b));
  const keyframes = said
    .map(([chunk, parameters]) => keyframeOf(Number(chunk), parameters, group))
    .filter((keyframe) => keyframe !== null)
    .slice(0, MOST_KEYFRAMES);
  if (keyframes[0]?.chunk !== 0) {
    keyframes.unshift({ chunk: 0, prompt: '', transition: 0 });
  }
  const lists = { ...schedule?.dense, ...schedule?.steady };
  const { prompts, transition, ...first } = schedule?.keyframes?.['0'] ?? {};
  return {
    keyframes,
    values: { ...Object.fromEntries(Object.entries(lists).map(([name, values]) => [name, values[0]])), ...first },
  };
}

/** @param {number} chunk @param {any} parameters @param {number} group @returns {Keyframe | null} */
function keyframeOf(chunk, parameters, group) {
  const prompts = parameters.transition?.target_prompts ?? parameters.prompts;
  if (prompts === undefined) {
    return null;
  }
  const texts = (Array.isArray(prompts) ? prompts : [prompts]).map((one) => (typeof one === 'string' ? one : String(one.text ?? '')));
  const steps = parameters.transition?.num_steps ?? 1;
  return { chunk, prompt: texts.join(', '), transition: Math.round(Math.max(0, steps - 1) / group) };
}
