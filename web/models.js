// @ts-check

const POLL_MS = 1000;

/**
 * What the page says about the weights of a pipeline.
 *
 * @param {any} status as the server tells it
 * @returns {{text: string, percent: number | null, action: 'download' | 'cancel' | null}} percent is null while there is no bar
 */
export function describeModels(status) {
  const { progress } = status;
  if (status.downloaded) {
    return { text: '', percent: null, action: null };
  }
  if (progress?.is_downloading) {
    return { text: line(progress.total ?? {}), percent: progress.total?.percentage ?? progress.percentage, action: 'cancel' };
  }
  const text = progress?.error ?? 'The weights of this pipeline are not on the server yet.';
  return { text, percent: null, action: 'download' };
}

/** @param {any} total */
function line(total) {
  if (!total.total_bytes) {
    return 'Looking up what is needed.';
  }
  const rate = total.bytes_per_second ? `, ${megabytes(total.bytes_per_second, 1)} MB/s` : '';
  const left = total.eta_seconds === null || total.eta_seconds === undefined ? '' : `, ${duration(total.eta_seconds)} left`;
  return `${megabytes(total.bytes)} of ${megabytes(total.total_bytes)} MB${rate}${left}`;
}

/** @param {number} bytes @param {number} [digits] */
function megabytes(bytes, digits = 0) {
  return (bytes / 1e6).toFixed(digits);
}

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 60) {
    return `${seconds} s`;
  }
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * Offers the download of what the chosen pipeline needs, and shows how far it is.
 *
 * @param {{box: any, text: any, bar: any, download: any, cancel: any}} places
 * @param {ReturnType<import('./api.js').createApi>} api
 */
export function bindModels({ box, text, bar, download, cancel }, api) {
  let chosen = '';
  /** Counts choices and presses, so that an answer about an earlier one changes nothing. */
  let current = 0;

  /** @param {number} mine */
  async function follow(mine) {
    for (;;) {
      let shown;
      try {
        shown = describeModels(await api.modelStatus(chosen));
      } catch (error) {
        shown = { text: /** @type {Error} */ (error).message, percent: null, action: /** @type {'download'} */ ('download') };
      }
      if (mine !== current) {
        return;
      }
      paint(shown);
      if (shown.action !== 'cancel') {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      if (mine !== current) {
        return;
      }
    }
  }

  /** @param {ReturnType<typeof describeModels>} shown */
  function paint(shown) {
    box.hidden = shown.action === null;
    text.textContent = shown.text;
    bar.hidden = shown.percent === null;
    bar.value = shown.percent ?? 0;
    download.hidden = shown.action !== 'download';
    cancel.hidden = shown.action !== 'cancel';
  }

  /** @param {() => Promise<unknown>} request */
  async function act(request) {
    const mine = ++current;
    try {
      await request();
    } catch (error) {
      if (mine === current) {
        text.textContent = /** @type {Error} */ (error).message;
      }
      return;
    }
    if (mine === current) {
      await follow(mine);
    }
  }

  download.addEventListener('click', () => act(() => api.downloadModels(chosen)));
  cancel.addEventListener('click', () => act(() => api.cancelDownload(chosen)));

  return {
    /** @param {any} pipeline the chosen one, if any */
    show(pipeline) {
      const mine = ++current;
      chosen = pipeline?.id ?? '';
      box.hidden = true;
      if (pipeline?.requires_models) {
        void follow(mine);
      }
    },
  };
}
