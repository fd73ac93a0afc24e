// @ts-check

const KEY = 'tachyscope.theme';

/**
 * Light or dark: the system's choice until the button is pressed, then the person's, remembered.
 *
 * @param {HTMLElement} root
 * @param {HTMLButtonElement} button
 */
export function bindTheme(root, button) {
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  const remembered = localStorage.getItem(KEY);
  if (remembered === 'light' || remembered === 'dark') {
    root.dataset.theme = remembered;
  }
  const isDark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : system.matches);
  const label = () => button.setAttribute('aria-label', isDark() ? 'Use light colours' : 'Use dark colours');
  button.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    localStorage.setItem(KEY, root.dataset.theme);
    label();
  });
  system.addEventListener('change', label);
  label();
}
