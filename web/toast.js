// @ts-check
import { element } from './dom.js';

/** How long a message stays; long enough to read two lines. */
const SHOWN_MS = 6000;

/** More at once would cover the picture. */
const MOST_TOASTS = 3;

/**
 * Shows short messages in a live region, so a screen reader speaks them too.
 *
 * @param {HTMLElement} region
 */
export function createToasts(region) {
  return {
    /**
     * @param {string} text
     * @param {'info' | 'error'} [kind]
     */
    show(text, kind = 'info') {
      const toast = element('div', { class: `toast ${kind}` }, element('span', {}, text));
      const close = element('button', { type: 'button', class: 'quiet', 'aria-label': 'Dismiss message' }, '✕');
      close.addEventListener('click', () => toast.remove());
      toast.append(close);
      region.append(toast);
      while (region.children.length > MOST_TOASTS) {
        region.firstElementChild?.remove();
      }
      setTimeout(() => toast.remove(), SHOWN_MS);
    },
  };
}
