// @ts-check

/** What the server reads; the server has the last word. */
const READABLE = /^(image|video)\//;

/**
 * The picture or video that a video begins with: dropped, pasted or chosen.
 *
 * @param {object} parts
 * @param {HTMLElement} parts.drop
 * @param {HTMLElement} parts.words
 * @param {HTMLImageElement} parts.picture
 * @param {HTMLVideoElement} parts.video
 * @param {HTMLButtonElement} parts.choose
 * @param {HTMLButtonElement} parts.remove
 * @param {HTMLInputElement} parts.file
 * @param {() => void} onChange
 */
export function createInputFile({ drop, words, picture, video, choose, remove, file }, onChange) {
  /** @type {File | null} */
  let held = null;
  let address = '';
  let offer = words.textContent ?? '';

  function draw() {
    if (address) {
      URL.revokeObjectURL(address);
      address = '';
    }
    const kind = held?.type.split('/')[0] ?? '';
    picture.hidden = kind !== 'image';
    video.hidden = kind !== 'video';
    remove.hidden = held === null;
    if (held) {
      address = URL.createObjectURL(held);
      words.textContent = `${held.name}, ${size(held.size)}`;
    } else {
      words.textContent = offer;
    }
    show(picture, kind === 'image');
    show(video, kind === 'video');
    if (kind === 'video') {
      video.play().catch(() => undefined);
    }
  }

  /** @param {HTMLImageElement | HTMLVideoElement} place @param {boolean} here */
  function show(place, here) {
    if (here) {
      place.src = address;
    } else {
      place.removeAttribute('src');
    }
  }

  /** @param {File | null | undefined} given */
  function take(given) {
    if (given && !READABLE.test(given.type)) {
      words.textContent = `${given.name} is neither a picture nor a video.`;
      return;
    }
    if (given) {
      held = given;
      draw();
      onChange();
    }
  }

  function clear() {
    held = null;
    file.value = '';
    draw();
    onChange();
  }

  choose.addEventListener('click', () => file.click());
  file.addEventListener('change', () => take(file.files?.[0]));
  remove.addEventListener('click', () => {
    clear();
    choose.focus();
  });
  for (const event of ['dragenter', 'dragover']) {
    drop.addEventListener(event, (/** @type {Event} */ over) => {
      over.preventDefault();
      drop.classList.add('over');
    });
  }
  drop.addEventListener('dragleave', () => drop.classList.remove('over'));
  drop.addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    take(event.dataTransfer?.files[0]);
  });

  return {
    take,
    clear,
    file: () => held,
    /** What this pipeline makes of files. @param {boolean} takes @param {boolean} needs */
    want(takes, needs) {
      offer = !takes
        ? 'This pipeline makes videos of text alone.'
        : `${needs ? 'This pipeline needs' : 'To begin with something, drop'} a picture or a video${needs ? ': drop one' : ''} here, or`;
      drop.classList.toggle('useless', !takes);
      choose.disabled = !takes;
      file.disabled = !takes;
      if (!held) {
        words.textContent = offer;
      }
    },
  };
}

/** @param {number} bytes */
function size(bytes) {
  return bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
