// @ts-check
import { byId } from './dom.js';

/**
 * Asks the person for the access token in the page's own dialog.
 *
 * @param {boolean} refused whether there was one that the server did not take
 * @returns {Promise<string | null>} null if none was given
 */
export function askToken(refused) {
  const dialog = byId('token-dialog');
  byId('token').value = '';
  byId('token-refused').hidden = !refused;
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'enter' ? byId('token').value : null), { once: true }),
  );
}
