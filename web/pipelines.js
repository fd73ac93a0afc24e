// @ts-check

const POLL_MS = 500;

/**
 * Pipelines that can be started on their own, by name.
 *
 * @param {Record<string, any>} pipelines
 */
export function startable(pipelines) {
  return Object.values(pipelines)
    .filter((one) => !one.usage?.length && !one.schema_error)
    .sort((left, right) => left.name.localeCompare(right.name));
}

/**
 * What a visitor finds chosen: what is loaded, else the first that makes pictures of prompts.
 *
 * @param {any[]} pipelines
 * @param {string | null | undefined} loaded
 * @returns {string}
 */
export function firstChoice(pipelines, loaded) {
  const best =
    pipelines.find(({ id }) => id === loaded) ?? pipelines.find((one) => one.supported_modes?.includes('text')) ?? pipelines[0];
  return best?.id ?? '';
}

/**
 * A load replaces what others may be using, so it is asked for only if something would differ.
 *
 * @param {any} status
 * @param {string} id
 * @param {Record<string, unknown>} chosen load parameters that the person has set
 */
export function needsLoad(status, id, chosen) {
  const loaded = status.load_params ?? {};
  return (
    status.status !== 'loaded' ||
    status.pipeline_id !== id ||
    Object.entries(chosen).some(([name, value]) => JSON.stringify(loaded[name]) !== JSON.stringify(value))
  );
}

/**
 * What a pipeline is loaded with now. A change of one of them keeps the others: a new size does not change the model.
 *
 * @param {any} status
 * @param {string} id
 * @returns {Record<string, any>} nothing if it is not loaded
 */
export function loadedFor(status, id) {
  return status.status === 'loaded' && status.pipeline_id === id ? (status.load_params ?? {}) : {};
}

/**
 * Brings the pipeline up; resolves to the server's status once it is loaded.
 *
 * @param {ReturnType<import('./api.js').createApi>} api
 * @param {string} id
 * @param {Record<string, unknown>} loadParams
 * @param {(stage: string | undefined) => void} onStage
 * @param {AbortSignal} signal
 */
export async function ensureLoaded(api, id, loadParams, onStage, signal) {
  let status = await api.status();
  if (!needsLoad(status, id, loadParams)) {
    return status;
  }
  onStage(undefined);
  await api.load(id, { ...loadedFor(status, id), ...loadParams });
  for (;;) {
    status = await api.status();
    signal.throwIfAborted();
    if (status.status === 'loaded') {
      return status;
    }
    if (status.status === 'error') {
      throw new Error(status.error ?? 'The pipeline could not be loaded');
    }
    onStage(status.loading_stage ?? undefined);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    signal.throwIfAborted();
  }
}
