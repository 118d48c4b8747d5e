/**
 * The script of the page, as the browser gets it. It only puts sections in the place of their former selves; without it
 * the page shows the moment at which it was loaded.
 */
export const PAGE_SCRIPT = `'use strict';
(() => {
  const connection = document.getElementById('connection');
  const said = document.getElementById('said');
  let lastMs = Date.now();
  let verdict = '';

  function put(name, markup) {
    const section = document.getElementById(name);
    if (section === null) return;
    const focused = section.contains(document.activeElement) ? document.activeElement.id : '';
    const places = new Map([...section.querySelectorAll('.scroll')].map((box) => [box.id, box.scrollLeft]));
    section.innerHTML = markup;
    for (const [id, left] of places) {
      const box = document.getElementById(id);
      if (box !== null && left > 0) box.scrollLeft = left;
    }
    if (focused !== '') document.getElementById(focused)?.focus({ preventScroll: true });
  }

  const source = new EventSource('/events');
  source.onmessage = (message) => {
    lastMs = Date.now();
    for (const [name, markup] of Object.entries(JSON.parse(message.data))) put(name, markup);
    const now = document.querySelector('#verdict .sentence')?.textContent ?? '';
    if (verdict !== '' && now !== verdict) said.textContent = now;
    verdict = now;
    const level = document.querySelector('#verdict .verdict')?.dataset.level ?? '';
    const self = document.body.dataset.self ?? '';
    document.title = (level === 'well' ? '' : level.toUpperCase() + ': ') + self + ' - heartbeat';
  };
  setInterval(() => {
    const silentS = Math.round((Date.now() - lastMs) / 1000);
    const text = silentS < 15 ? '' : 'No news from this node for ' + silentS + ' s: what is shown is old.';
    if (connection.textContent !== text) connection.textContent = text;
  }, 1000);
})();
`;
