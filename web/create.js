// @ts-check
import { createApi } from './api.js';
import { byId, element } from './dom.js';
import { createInputFile } from './inputfile.js';
import { createJobList } from './joblist.js';
import { fileOf, isOver, picturesOf } from './jobs.js';
import { createLane } from './lane.js';
import { createLivePlayer } from './liveplayer.js';
import { createOrderForm } from './orderform.js';
import { ensureLoaded, startable } from './pipelines.js';
import { createStills } from './stills.js';
import { bindTheme } from './theme.js';
import { createToasts } from './toast.js';
import { askToken } from './token.js';
import { createWatch } from './watch.js';

/** How often the list is asked for; the shown job tells of itself. */
const LIST_MS = 3000;

/** Who asks for videos as this page does; jobs of others are shown only when they are asked for. */
const OUR_FACE = 'video';

/** Jobs that are listed at first, and further ones at each press of the button. */
const LIST_STEP = 24;

const toasts = createToasts(byId('toasts'));
const api = createApi(askToken);
const lane = createLane({
  lane: byId('lane'),
  add: byId('add-keyframe'),
  label: byId('keyframe-label'),
  text: byId('keyframe-text'),
  chunk: byId('keyframe-chunk'),
  transition: byId('keyframe-transition'),
  remove: byId('remove-keyframe'),
  about: byId('keyframe-about'),
});
const input = createInputFile(
  {
    drop: byId('drop'),
    words: byId('drop-text'),
    picture: byId('input-picture'),
    video: byId('input-video'),
    choose: byId('choose-file'),
    remove: byId('drop-file'),
    file: byId('file'),
  },
  () => form.refresh(),
);
const form = createOrderForm(
  {
    pipeline: byId('pipeline'),
    about: byId('pipeline-about'),
    width: byId('width'),
    height: byId('height'),
    frames: byId('frames'),
    fps: byId('fps'),
    length: byId('length'),
    controls: byId('controls'),
    ideas: byId('ideas'),
  },
  lane,
  input,
);
const player = createLivePlayer(byId('video'), api.liveVideo, () => {
  byId('curtain').hidden = true;
});
const stills = createStills(
  {
    box: byId('stills'),
    picture: byId('still'),
    bar: byId('still-bar'),
    play: byId('still-play'),
    place: byId('still-place'),
    about: byId('still-about'),
  },
  () => {
    byId('curtain').hidden = true;
  },
);
const list = createJobList(byId('jobs'), api.address, {
  show: (job) => {
    void open(job);
    byId('video').scrollIntoView({ block: 'center', behavior: 'smooth' });
  },
  again: (job) => void useAgain(job),
  cancel: (job) => cancel(job.id),
  remove: (job) => void remove(job),
});
const watch = createWatch(api, showProgress);

/** @type {any[]} */
let jobs = [];
let wanted = LIST_STEP;
/** The job on the screen. @type {string | null} */
let current = null;
let busy = false;

// --- the job on the screen ---------------------------------------------------------------------------------------------

/** @param {any} job as listed, or in full */
async function open(job) {
  if (current !== job.id) {
    current = job.id;
    history.replaceState(null, '', `#job=${job.id}`);
    player.stop();
    stills.stop();
    byId('curtain').hidden = false;
    lane.playAt(null);
  }
  list.show(jobs, current);
  try {
    const full = job.request ? job : await api.job(job.id);
    if (current === job.id) {
      watch.follow(full);
    }
  } catch (error) {
    toasts.show(messageOf(error), 'error');
  }
}

/**
 * @param {any} job as it is now
 * @param {string} text
 */
function showProgress(job, text) {
  if (job.id !== current) {
    return;
  }
  const video = fileOf(job, 'video');
  const pictures = picturesOf(job);
  const made = video ?? pictures[0] ?? null;
  const over = isOver(job);
  say({ queued: 'Waiting', running: makesVideo(job) ? 'Making a video' : 'Making pictures', completed: 'Done', failed: 'Failed', cancelled: 'Cancelled' }[/** @type {string} */ (job.state)] ?? '', '', statusOf(job));
  byId('progress-row').hidden = false;
  byId('progress').hidden = over;
  byId('progress').value = job.progress?.fraction ?? 0;
  byId('progress-text').textContent = text;
  byId('progress-text').classList.toggle('bad', job.state === 'failed');
  byId('cancel').hidden = over;
  byId('cancel').disabled = Boolean(job.cancel_requested);
  byId('download').hidden = !made;
  byId('curtain-title').textContent = text;
  byId('curtain-advice').textContent = adviceOf(job);
  byId('curtain').classList.toggle('at-work', !over);
  const known = jobs.findIndex(({ id }) => id === job.id);
  if (known >= 0) {
    jobs[known] = { ...jobs[known], ...job };
    list.show(jobs, current);
  }
  if (made) {
    byId('download').href = api.address(made.url);
    byId('download').download = video ? `${job.id}.mp4` : made.name;
  }
  if (video) {
    stills.stop();
    player.finish(job.id, api.address(video.url));
  } else if (pictures.length > 0) {
    stills.finish(
      pictures.map(({ url, name }) => ({ url: api.address(url), name })),
      job.shape?.fps,
    );
  } else if (over) {
    player.halt();
  } else if (job.preview && !makesVideo(job)) {
    stills.preview(job.preview);
  } else if (makesVideo(job)) {
    void player.follow(job.id);
  }
}

/** Others may have asked for pictures. @param {any} job */
function makesVideo(job) {
  const plans = job.request?.plans ?? [job.request];
  return plans.some((/** @type {any} */ plan) =>
    plan?.keep ? plan.keep.some((/** @type {any} */ keep) => keep.kind === 'mp4') : plan?.output !== 'RAW');
}

/** @param {any} job */
function adviceOf(job) {
  if (isOver(job) && !makesVideo(job)) {
    return 'It was asked for as pictures, so there is no video to show.';
  }
  return isOver(job) ? '' : 'The first pictures show here as soon as they are made.';
}

/** @param {any} job */
function statusOf(job) {
  return { queued: 'busy', running: 'loading', completed: 'live', failed: 'error', cancelled: 'idle' }[/** @type {string} */ (job.state)] ?? 'idle';
}

/** Writes only what differs: each write into a live region is spoken. @param {string} title @param {string} advice @param {string} state */
function say(title, advice, state) {
  byId('status').dataset.state = state;
  if (byId('status-title').textContent !== title) {
    byId('status-title').textContent = title;
  }
  if (byId('status-advice').textContent !== advice) {
    byId('status-advice').textContent = advice;
  }
}

function atRest() {
  current = null;
  history.replaceState(null, '', location.pathname + location.search);
  watch.stop();
  player.stop();
  stills.stop();
  lane.playAt(null);
  say('Ready', 'Describe what to see, then press Create.', 'idle');
  byId('progress-row').hidden = true;
  byId('curtain').hidden = false;
  byId('curtain').classList.remove('at-work');
  byId('curtain-title').textContent = 'Your video shows here';
  byId('curtain-advice').textContent = 'It plays while it is made.';
}

// --- orders --------------------------------------------------------------------------------------------------------------

async function create() {
  if (busy) {
    return;
  }
  trouble('');
  const order = form.order();
  if ('trouble' in order) {
    trouble(order.trouble);
    if (order.keyframe !== undefined) {
      lane.edit(order.keyframe);
    }
    return;
  }
  busy = true;
  byId('create').disabled = true;
  const before = byId('create').textContent;
  try {
    const step = (/** @type {string} */ words) => {
      byId('create').textContent = words;
    };
    step('Loading the pipeline…');
    await ensureLoaded(api, order.pipeline, {}, (stage) => step(stage ?? 'Loading the pipeline…'), new AbortController().signal);
    step(order.file ? 'Sending the file…' : 'Asking the server…');
    const made = await api.createVideo(order.file ? formData(order.request, order.file) : order.request);
    const job = await api.job(made.id);
    await refresh();
    await open(job);
  } catch (error) {
    trouble(messageOf(error));
  } finally {
    busy = false;
    byId('create').disabled = false;
    byId('create').textContent = before;
  }
}

/** @param {Record<string, unknown>} request @param {File} file */
function formData(request, file) {
  const data = new FormData();
  for (const [name, value] of Object.entries(request)) {
    data.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  data.append('input_reference', file, file.name);
  return data;
}

/** @param {string} text */
function trouble(text) {
  byId('trouble').textContent = text;
  byId('trouble').hidden = text === '';
}

/** Fills the form from what was asked for then. @param {any} listed */
async function useAgain(listed) {
  try {
    const { request } = await api.job(listed.id);
    // First, because it says which controls there are.
    input.clear();
    if (request?.footage) {
      await useInput(listed.id, request.footage);
    }
    const missing = form.fill(request);
    if (missing) {
      toasts.show(missing);
    }
    byId('keyframe-text').focus();
    byId('keyframe-text').scrollIntoView({ block: 'center', behavior: 'smooth' });
  } catch (error) {
    toasts.show(messageOf(error), 'error');
  }
}

/** @param {string} id @param {any} footage */
async function useInput(id, footage) {
  if (footage.kind === 'raw') {
    toasts.show('The pictures that it was made from came as raw data; choose a file to begin with.');
    return;
  }
  const blob = await api.jobInput(id);
  // The server goes by the content, whatever stands here.
  const [name, type] = footage.kind === 'picture' ? ['picture of that job', 'image/png'] : ['video of that job', 'video/mp4'];
  input.take(new File([blob], name, { type }));
}

// --- the list --------------------------------------------------------------------------------------------------------------

async function refresh() {
  try {
    const page = await api.jobs(wanted);
    jobs = page.jobs;
    list.show(jobs, current);
    byId('more-jobs').hidden = !page.more;
    byId('jobs-hint').textContent = jobs.length === 0 ? 'Nothing has been made yet.' : 'Jobs of all interfaces, the newest first.';
  } catch (error) {
    byId('jobs-hint').textContent = `The list did not arrive: ${messageOf(error)}`;
  }
}

/** @param {() => Promise<any>} act */
async function change(act) {
  try {
    await act();
  } catch (error) {
    toasts.show(messageOf(error), 'error');
  }
  await refresh();
}

/** @param {string} id */
function cancel(id) {
  if (id === current) {
    player.halt();
  }
  void change(() => api.cancelJob(id));
}

/** @param {any} job */
async function remove(job) {
  await change(async () => {
    if (job.id === current) {
      player.halt();
    }
    await api.removeJob(job.id);
    if (job.id === current) {
      atRest();
    }
  });
}

/** The job of the address, or one that runs: a reload finds it again. */
async function findAgain() {
  const id = new URLSearchParams(location.hash.slice(1)).get('job');
  const job = id ? await api.job(id).catch(() => null) : jobs.find((one) => !isOver(one) && one.face === OUR_FACE);
  if (job) {
    await open(job);
  } else {
    atRest();
  }
}

async function begin() {
  try {
    const [{ pipelines }, status] = await Promise.all([api.schemas(), api.status()]);
    form.offer(startable(pipelines), status);
  } catch (error) {
    trouble(`The list of pipelines did not arrive: ${messageOf(error)}. Reload the page to ask again.`);
  }
  await refresh();
  await findAgain();
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof TypeError ? 'the server cannot be reached' : /** @type {Error} */ (error).message;
}

bindTheme(document.documentElement, byId('theme'));
byId('create').addEventListener('click', create);
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    void create();
  }
});
byId('cancel').addEventListener('click', () => current && cancel(current));
byId('more-jobs').addEventListener('click', () => {
  wanted += LIST_STEP;
  void refresh();
});
byId('video').addEventListener('timeupdate', () => {
  const job = jobs.find(({ id }) => id === current);
  lane.playAt(job && form.fits(job) ? byId('video').currentTime : null);
});
window.addEventListener('hashchange', () => void findAgain());
setInterval(() => {
  if (!document.hidden) {
    void refresh();
  }
}, LIST_MS);

atRestAtFirst();
void begin();

/** Before it is known whether the address names a job, that stays as it is. */
function atRestAtFirst() {
  byId('curtain-title').textContent = 'Your video shows here';
  byId('curtain-advice').textContent = 'It plays while it is made.';
}
