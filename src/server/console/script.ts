/**
 * The console's one script, a file of its own: requests that arrive while the page is open appear by themselves. Everything works
 * without it. It asks for a fragment of the page, so that any instance behind any load balancer answers; a hidden page asks nothing.
 */
export const SCRIPT = `'use strict';
(() => {
  const live = document.querySelector('[data-live]');
  if (live === null) return;
  const arrived = document.getElementById('arrived');
  const badge = document.getElementById('waiting');
  const title = document.title;
  const ids = (root) => new Map([...root.querySelectorAll('[data-id]')].map((item) => [item.dataset.id, item]));

  function show(page, waiting) {
    badge.hidden = waiting === '';
    badge.firstElementChild.textContent = waiting;
    document.title = waiting === '' ? title : '(' + waiting + ') ' + title;
    const [here, there] = [ids(live), ids(page)];
    const added = [...there].filter(([id]) => !here.has(id));
    const gone = [...here].filter(([id, item]) => !there.has(id) && !item.contains(document.activeElement));
    if (here.size === 0 || there.size === 0) {
      if (added.length > 0 || (gone.length === here.size && here.size > 0)) live.replaceChildren(...page.childNodes);
    } else {
      // What somebody is filling in stays as it is.
      for (const [, item] of gone) item.remove();
      for (const [, item] of added) live.querySelector('ul').append(item);
    }
    for (const [, item] of added) item.firstElementChild.classList.add('new');
    if (added.length > 0) arrived.textContent = added.map(([, item]) => item.querySelector('h2').textContent).join('. ');
  }

  async function look() {
    if (document.hidden) return true;
    try {
      const answer = await fetch(live.dataset.live, { headers: { accept: 'text/html' }, redirect: 'error' });
      if (answer.status === 401) return false;
      if (answer.ok)
        show(new DOMParser().parseFromString(await answer.text(), 'text/html').body, answer.headers.get('x-waiting') ?? '');
    } catch {
      // The server is away: the next look may find it.
    }
    return true;
  }

  async function watch() {
    if (await look()) setTimeout(watch, 3000);
    else location.reload();
  }
  document.addEventListener('visibilitychange', () => void look());
  setTimeout(watch, 3000);
})();
`;
