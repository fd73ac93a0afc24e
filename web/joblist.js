// @ts-check
import { element } from './dom.js';
import { aboutOf, fileOf, isOver, picturesOf, stateWord } from './jobs.js';

/** How long a first press of Delete waits for the second. */
const SURE_MS = 4000;

/**
 * The list of jobs. Cards stay the same elements while their job is there, so that pictures do not flicker and the focus
 * stays where it is.
 *
 * @param {HTMLElement} list
 * @param {(url: string) => string} address
 * @param {Record<'show' | 'again' | 'cancel' | 'remove', (job: any) => void>} on
 */
export function createJobList(list, address, on) {
  /** @type {Map<string, {card: any, said: string}>} */
  const cards = new Map();

  /** @param {any} job @param {boolean} current */
  function fill(job, current) {
    const known = cards.get(job.id);
    const said = JSON.stringify([job.state, job.cancel_requested, job.error, job.files?.length, job.shape, current]);
    const card = known?.card ?? element('li', { class: 'job', 'data-job': job.id });
    if (known?.said !== said) {
      const held = card.contains(document.activeElement) ? document.activeElement?.getAttribute('data-action') : null;
      card.dataset.state = job.state;
      card.setAttribute('aria-current', String(current));
      card.replaceChildren(shot(job), words(job), tools(job));
      if (held) {
        (card.querySelector(`[data-action="${held}"]`) ?? card.querySelector('[data-action="show"]')).focus();
      }
    }
    const picture = card.querySelector('.shot img');
    if (job.preview && !isOver(job)) {
      picture.src = job.preview;
      picture.classList.remove('mark');
    }
    const bar = card.querySelector('progress');
    if (bar) {
      bar.value = job.progress?.fraction ?? 0;
    }
    cards.set(job.id, { card, said });
    return card;
  }

  /** @param {any} job */
  function shot(job) {
    const picture = fileOf(job, 'thumbnail');
    return element(
      'button',
      { type: 'button', class: 'shot', 'data-action': 'show', 'aria-label': `Show "${job.prompt}"`, onclick: () => on.show(job) },
      picture
        ? element('img', { src: address(picture.url), alt: '', loading: 'lazy' })
        : element('img', { class: 'mark', src: 'favicon.svg', alt: '' }),
      element('span', { class: 'state' }, stateWord(job)),
      ...(isOver(job) ? [] : [element('progress', { max: 1, value: 0, 'aria-label': `Progress of "${job.prompt}"` })]),
    );
  }

  /** @param {any} job */
  function words(job) {
    const made = new Date(job.created_at * 1000);
    return element(
      'div',
      { class: 'words' },
      element('p', { class: 'prompt-line', id: `prompt-${job.id}` }, job.prompt || 'No prompt'),
      element('p', { class: 'hint' }, aboutOf(job)),
      element(
        'p',
        { class: 'hint' },
        element('time', { datetime: made.toISOString() }, made.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })),
        ` · ${job.face}`,
      ),
      ...(job.state === 'failed' ? [element('p', { class: 'bad' }, job.error?.message ?? 'It failed.')] : []),
    );
  }

  /** @param {any} job */
  function tools(job) {
    const made = fileOf(job, 'video') ?? picturesOf(job)[0] ?? fileOf(job, 'data');
    /** @param {string} action @param {string} text @param {() => void} act */
    const button = (action, text, act) =>
      element('button', { type: 'button', 'data-action': action, 'aria-describedby': `prompt-${job.id}`, onclick: act }, text);
    return element(
      'div',
      { class: 'job-tools' },
      ...(made
        ? [element('a', { href: address(made.url), download: `${job.id}-${made.name}`, 'data-action': 'download', 'aria-describedby': `prompt-${job.id}` }, 'Download')]
        : []),
      button('again', 'Use again', () => on.again(job)),
      ...(isOver(job) ? [] : [button('cancel', 'Cancel', () => on.cancel(job))]),
      remove(job, button),
    );
  }

  /** What is gone is gone: only the second press deletes. @param {any} job @param {(action: string, text: string, act: () => void) => any} button */
  function remove(job, button) {
    const made = button('remove', 'Delete', () => {
      if (made.dataset.sure) {
        on.remove(job);
        return;
      }
      made.dataset.sure = 'yes';
      made.textContent = 'Really delete?';
      setTimeout(() => {
        delete made.dataset.sure;
        made.textContent = 'Delete';
      }, SURE_MS);
    });
    return made;
  }

  return {
    /** @param {any[]} jobs @param {string | null} current id of the one on the screen */
    show(jobs, current) {
      const wanted = jobs.map((job) => fill(job, job.id === current));
      for (const id of [...cards.keys()].filter((known) => !jobs.some((job) => job.id === known))) {
        cards.get(id)?.card.remove();
        cards.delete(id);
      }
      wanted.forEach((card, index) => {
        if (list.children[index] !== card) {
          list.insertBefore(card, list.children[index] ?? null);
        }
      });
    },
  };
}
