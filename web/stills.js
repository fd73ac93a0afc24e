// @ts-check

/**
 * Shows the pictures of a job that makes no video: previews while it is made, and the files themselves afterwards, one
 * at a time or as a flip-book.
 *
 * @param {{box: HTMLElement, picture: HTMLImageElement, bar: HTMLElement, play: HTMLButtonElement, place: HTMLInputElement, about: HTMLElement}} ui
 * @param {() => void} onPicture something can be seen
 */
export function createStills(ui, onPicture) {
  /** @type {{url: string, name: string}[]} */
  let files = [];
  let fps = 16;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;

  ui.picture.addEventListener('load', () => {
    if (!ui.box.hidden) {
      onPicture();
    }
  });
  ui.place.addEventListener('input', () => {
    halt();
    show(Number(ui.place.value) - 1);
  });
  ui.play.addEventListener('click', () => (timer === undefined ? run() : halt()));

  /** @param {number} index */
  function show(index) {
    ui.picture.src = files[index].url;
    ui.picture.alt = files[index].name;
    ui.place.value = String(index + 1);
    ui.about.textContent = `${index + 1} of ${files.length}`;
  }

  function run() {
    ui.play.textContent = 'Pause';
    // Pictures that were not there yet come as fast as they load.
    timer = setInterval(() => {
      if (ui.picture.complete) {
        show(Number(ui.place.value) % files.length);
      }
    }, 1000 / fps);
  }

  function halt() {
    clearInterval(timer);
    timer = undefined;
    ui.play.textContent = 'Play';
  }

  return {
    /** A picture of what is being made. @param {string} url */
    preview(url) {
      if (files.length === 0) {
        ui.box.hidden = false;
        ui.picture.src = url;
        ui.picture.alt = 'Preview';
      }
    },

    /**
     * What was made; the same again changes nothing.
     *
     * @param {{url: string, name: string}[]} made
     * @param {number} rate pictures per second
     */
    finish(made, rate) {
      if (made.length === files.length && made.every(({ url }, index) => url === files[index].url)) {
        return;
      }
      halt();
      files = made;
      fps = Math.min(60, Math.max(1, rate || 16));
      ui.box.hidden = files.length === 0;
      ui.bar.hidden = files.length < 2;
      ui.place.max = String(files.length);
      if (files.length > 0) {
        show(0);
      }
    },

    stop() {
      halt();
      files = [];
      ui.box.hidden = true;
      ui.bar.hidden = true;
      ui.picture.removeAttribute('src');
    },
  };
}
