// @ts-check
import { createApi } from './api.js';
import { createConnection } from './connection.js';
import { byId, element } from './dom.js';
import { fieldsOf, renderForm } from './form.js';
import { createLoras, lorasOf, takesLoras } from './loras.js';
import { bindModels } from './models.js';
import { ensureLoaded, firstChoice, loadedFor, startable } from './pipelines.js';
import { createPrompts, ideasOf } from './prompts.js';
import { cameraAccess, explain, openSource } from './source.js';
import { describe, isRunning } from './state.js';
import { createStats } from './stats.js';
import { bindTheme } from './theme.js';
import { bindCosts } from './costs.js';
import { createSpanStore, followTimeline } from './timeline.js';
import { createTimelineView } from './timelineview.js';
import { createToasts } from './toast.js';
import { askToken } from './token.js';
import { bindViewer } from './viewer.js';

const STATS_MS = 1000;

const toasts = createToasts(byId('toasts'));
const api = createApi(askToken);
const spans = createSpanStore();
const prompts = createPrompts(byId('prompts'), byId('add-prompt'), byId('transition-steps'), send);
const stats = createStats(
  {
    fpsOut: byId('fps-out'),
    fpsIn: byId('fps-in'),
    latencyMs: byId('latency'),
    megabits: byId('bit-rate'),
    stepsPerSecond: byId('steps'),
    dropped: byId('dropped'),
  },
  byId('spark'),
);
const models = bindModels(
  {
    box: byId('models'),
    text: byId('models-text'),
    bar: byId('models-bar'),
    download: byId('models-download'),
    cancel: byId('models-cancel'),
  },
  api,
);
const loras = createLoras(byId('loras'), {
  onLoad: (update) => void Object.assign(loading, update),
  onScale: send,
});
const connection = createConnection({
  api,
  parameters: initialParameters,
  track: inputTrack,
  onState: (state) => enter(state.phase === 'live' && paused ? { phase: 'paused' } : state),
  onPicture: (stream) => {
    byId('output').srcObject = stream;
  },
  onMessage: receive,
});

/** @type {import('./state.js').StreamState} */
let current = { phase: 'idle' };
let paused = false;
/** @type {any[]} */
let pipelines = [];
/** Values that the person has set, by sending name. @type {Record<string, unknown>} */
let running = {};
/** @type {Record<string, unknown>} */
let loading = {};
/** @type {(parameters: Record<string, unknown>) => void} */
let reflect = () => undefined;
/** @type {import('./source.js').Source | null} */
let source = null;
/** What the server said of itself when it was asked last. @type {any} */
let serverStatus = {};
/** Counts openings, so that a slow camera does not replace a later choice. */
let opening = 0;
/** @type {AbortController | null} */
let starting = null;

/** @param {import('./state.js').StreamState} state */
function enter(state) {
  current = state;
  const { title, advice } = describe(state);
  const runs = isRunning(state.phase);
  const flows = state.phase === 'live' || state.phase === 'paused';
  byId('status').dataset.state = state.phase;
  write(byId('status-title'), title);
  write(byId('status-advice'), advice);
  write(byId('curtain-title'), title);
  write(byId('curtain-advice'), advice);
  byId('curtain').hidden = flows;
  byId('curtain').classList.toggle('at-work', runs && !flows);
  byId('start').hidden = runs;
  byId('stop').hidden = !runs;
  byId('pause').disabled = !flows;
  byId('reset').disabled = !flows;
  byId('pipeline').disabled = runs;
  byId('modes').disabled = runs;
  for (const control of byId('load-fields').querySelectorAll('input, select, button')) {
    control.disabled = runs;
  }
  loras.freeze(runs);
  byId('pause').textContent = paused ? 'Resume' : 'Pause';
  byId('pause').setAttribute('aria-pressed', String(paused));
  if (!flows) {
    stats.clear();
  }
}

/** Writes only what differs: each write into a live region is spoken. @param {HTMLElement} place @param {string} text */
function write(place, text) {
  if (place.textContent !== text) {
    place.textContent = text;
  }
}

function mode() {
  return /** @type {HTMLInputElement} */ (document.querySelector('input[name="mode"]:checked')).value;
}

function pipeline() {
  return pipelines.find(({ id }) => id === byId('pipeline').value);
}

function inputTrack() {
  const live = source?.stream.getVideoTracks().find(({ readyState }) => readyState === 'live');
  return mode() === 'video' ? (live ?? null) : null;
}

function initialParameters() {
  return { pipeline_ids: [pipeline().id], input_mode: mode(), ...prompts.current(), ...loras.current(), ...running, ...(paused ? { paused } : {}) };
}

/** @param {Record<string, unknown>} update */
function send(update) {
  connection.send(update);
}

async function start() {
  const chosen = pipeline();
  if (!chosen) {
    enter({ phase: 'error', detail: 'The server offers no pipeline' });
    return;
  }
  paused = false;
  const mine = new AbortController();
  starting = mine;
  enter({ phase: 'loading', detail: 'Asking the server' });
  byId('stop').focus();
  try {
    if (mode() === 'video' && !inputTrack()) {
      enter({ phase: 'loading', detail: 'Opening the source. The browser may ask you to allow it' });
      await sourceOffered;
      if (!inputTrack()) {
        await openAnySource();
      }
      mine.signal.throwIfAborted();
    }
    serverStatus = await ensureLoaded(api, chosen.id, loading, (detail) => !mine.signal.aborted && enter({ phase: 'loading', detail }), mine.signal);
    if (!mine.signal.aborted) {
      connection.start();
    }
  } catch (error) {
    if (!mine.signal.aborted) {
      enter({ phase: 'error', detail: messageOf(error) });
    }
  }
}

function stop() {
  starting?.abort();
  connection.stop();
  paused = false;
  byId('output').srcObject = null;
  enter({ phase: 'idle' });
  byId('start').focus();
}

function togglePause() {
  paused = !paused;
  send({ paused });
  enter({ phase: paused ? 'paused' : 'live' });
}

/** @param {{type: string} & Record<string, any>} message */
function receive(message) {
  switch (message.type) {
    case 'stats':
      stats.fromServer(message);
      break;
    case 'parameters_updated':
      takeOver(message.parameters ?? {});
      break;
    case 'quality_changed':
      showQuality(message);
      break;
    case 'error':
      toasts.show(message.message ?? 'The server reports an error.', 'error');
      break;
    default:
    // Later servers may say more; stream_stopped is the connection's business.
  }
}

/** @param {Record<string, any>} message what the session does without for now */
function showQuality(message) {
  const badge = byId('quality');
  const measures = Array.isArray(message.measures) ? message.measures.join(', ') : '';
  badge.hidden = !(message.level > 0);
  badge.textContent = message.level > 0 ? `Busy server: ${measures || 'reduced quality'}` : '';
  toasts.show(message.level > 0 ? `${message.message} (${measures})` : message.message);
}

/** @param {Record<string, any>} parameters set by somebody else */
function takeOver(parameters) {
  reflect(parameters);
  loras.reflect(parameters.lora_scales);
  prompts.reflect(parameters.transition?.target_prompts ?? parameters.prompts);
  for (const name of Object.keys(running)) {
    if (name in parameters) {
      running[name] = parameters[name];
    }
  }
  if (typeof parameters.paused === 'boolean' && parameters.paused !== paused && (current.phase === 'live' || current.phase === 'paused')) {
    paused = parameters.paused;
    enter({ phase: paused ? 'paused' : 'live' });
  }
}

function choosePipeline() {
  const chosen = pipeline();
  byId('pipeline-about').textContent = chosen?.description ?? '';
  models.show(chosen);
  byId('ideas').replaceChildren(...ideasOf(chosen).map((idea) => element('option', { value: idea })));
  const modes = chosen?.supported_modes ?? [];
  for (const radio of document.querySelectorAll('input[name="mode"]')) {
    const input = /** @type {HTMLInputElement} */ (radio);
    input.disabled = !modes.includes(input.value);
    input.checked = input.value === (modes.includes('video') ? 'video' : chosen?.default_mode);
  }
  loading = {};
  void showLoras(chosen);
  chooseMode();
}

/** @param {any} chosen */
async function showLoras(chosen) {
  loras.show([]);
  if (takesLoras(chosen)) {
    try {
      const { lora_files: files } = await api.loras();
      if (pipeline() === chosen) {
        loras.show(lorasOf(files, loadedFor(serverStatus, chosen.id)));
        loras.freeze(isRunning(current.phase));
      }
    } catch (error) {
      toasts.show(`The list of LoRA files did not arrive: ${messageOf(error)}.`, 'error');
    }
  }
}

function chooseMode() {
  const chosen = pipeline();
  document.body.dataset.mode = mode();
  running = {};
  const fields = chosen ? fieldsOf(chosen, mode()) : [];
  const loadFields = fields.filter(({ onLoad }) => onLoad);
  reflect = renderForm(byId('controls'), fields.filter(({ onLoad }) => !onLoad), (field, value) => {
    running[field.sendAs] = value;
    send({ [field.sendAs]: value });
  });
  renderForm(byId('load-fields'), loadFields, (field, value) => {
    loading[field.sendAs] = value;
  })({ ...loadedFor(serverStatus, chosen?.id), ...loading });
  byId('load-controls').hidden = loadFields.length === 0;
}

/** The chosen source, or the test card where that fails: whoever presses Start sees something move. */
async function openAnySource() {
  await chooseSource();
  if (!inputTrack() && byId('source').value !== 'testcard') {
    toasts.show(`${byId('source-why').textContent} The test card stands in for it.`);
    await chooseTestCard();
  }
}

function chooseTestCard() {
  byId('source').value = 'testcard';
  return chooseSource();
}

/** The camera is what most people try first, but nobody is asked for it before pressing Start. */
async function firstSource() {
  const mine = ++opening;
  const access = await cameraAccess();
  if (mine !== opening) {
    return;
  }
  if (access === 'none') {
    await chooseTestCard();
    return;
  }
  byId('source').value = 'camera';
  if (access === 'granted') {
    await chooseSource();
  } else {
    sourceTrouble('Your camera opens when you press Start. Its picture goes to this server only.');
  }
}

async function chooseSource() {
  const kind = byId('source').value;
  const mine = ++opening;
  source?.close();
  source = null;
  byId('source-trouble').hidden = true;
  try {
    const file = byId('file').files?.[0] ?? null;
    const opened = await openSource(kind, file);
    if (mine !== opening) {
      opened.close();
      return;
    }
    source = opened;
    byId('input').srcObject = opened.stream;
    opened.stream.getVideoTracks()[0].addEventListener('ended', () => {
      if (mine === opening) {
        sourceTrouble('The source has ended.');
      }
    });
    await connection.replaceTrack(inputTrack());
  } catch (error) {
    if (mine === opening) {
      sourceTrouble(explain(error, window.isSecureContext || kind === 'file'));
    }
  }
}

/** @param {string} why */
function sourceTrouble(why) {
  byId('input').srcObject = null;
  byId('source-why').textContent = why;
  byId('source-trouble').hidden = false;
}

async function offerPipelines() {
  try {
    const [{ pipelines: all }, status] = await Promise.all([api.schemas(), api.status()]);
    pipelines = startable(all);
    serverStatus = status;
    byId('pipeline').replaceChildren(...pipelines.map(({ id, name }) => element('option', { value: id }, name)));
    byId('pipeline').value = firstChoice(pipelines, status.pipeline_id);
    choosePipeline();
    followTimeline(api, spans);
  } catch (error) {
    enter({ phase: 'error', detail: `The list of pipelines did not arrive: ${messageOf(error)}. Reload the page to ask again` });
  }
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof TypeError ? 'the server cannot be reached' : /** @type {Error} */ (error).message;
}

bindTheme(document.documentElement, byId('theme'));
bindViewer(
  {
    video: byId('output'),
    frame: byId('output-frame'),
    snapshot: byId('snapshot'),
    fullscreen: byId('fullscreen'),
    floating: byId('floating'),
  },
  (text) => toasts.show(text),
);
createTimelineView(
  {
    canvas: byId('timeline'),
    tip: byId('timeline-tip'),
    summary: byId('timeline-summary'),
    legend: byId('legend'),
    pause: byId('timeline-pause'),
    store: spans,
  },
  connection.sessionId,
);

bindCosts({ details: byId('costs'), table: byId('costs-table'), hint: byId('costs-hint') }, api.costs);

byId('start').addEventListener('click', start);
byId('stop').addEventListener('click', stop);
byId('pause').addEventListener('click', togglePause);
byId('reset').addEventListener('click', () => send({ reset_cache: true }));
byId('pipeline').addEventListener('change', choosePipeline);
byId('modes').addEventListener('change', chooseMode);
byId('source').addEventListener('change', () => {
  if (byId('source').value === 'file') {
    byId('file').value = '';
    byId('file').click();
  } else {
    void chooseSource();
  }
});
byId('file').addEventListener('change', chooseSource);
byId('file').addEventListener('cancel', chooseTestCard);
byId('use-testcard').addEventListener('click', chooseTestCard);
window.addEventListener('pagehide', () => connection.stop());
setInterval(async () => {
  if (current.phase === 'live' || current.phase === 'paused') {
    const report = await connection.statistics();
    if (report) {
      stats.tick(report.values());
    }
  }
}, STATS_MS);

Object.assign(window, { tachyscope: { state: () => current } });
enter(current);
/** A quick press of Start waits until it is known whether there is a camera. */
const sourceOffered = firstSource();
void offerPipelines();
