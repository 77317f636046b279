// The keys of the inbox, and a list that is fresh after something was logged. Everything is a link without it.
(() => {
  const list = document.querySelector('[data-inbox]');
  const sheet = document.getElementById('keysheet');
  if (!list) return;
  const root = document.documentElement;
  document.querySelector('[data-inbox-keys]').hidden = false;
  const rows = () => [...list.querySelectorAll('a.row')];
  const current = () => list.querySelector('a.row[aria-current]');

  // ---------- the chosen item beside the list, where there is room for it
  const pane = document.querySelector('[data-pane]');
  const hasPane = () => pane !== null && pane.getClientRects().length > 0;
  let asking = null;
  let shown = current()?.id;
  const addressOf = (key) => {
    const address = new URL(location.href);
    if (key) address.searchParams.set('item', key);
    return address;
  };
  const show = async (row) => {
    if (!hasPane() || row.id === shown) return;
    shown = row.id;
    asking?.abort();
    asking = new AbortController();
    const address = addressOf(row.id);
    pane.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetch(address, { headers: { 'X-Part': 'item' }, signal: asking.signal });
      if (!answer.ok || answer.redirected) { location.assign(row.href); return; }
      pane.innerHTML = await answer.text();
      history.replaceState(null, '', address);
      pane.dispatchEvent(new CustomEvent('forms:shown', { bubbles: true }));
      pane.removeAttribute('aria-busy');
    } catch (problem) {
      if (problem.name !== 'AbortError') location.assign(row.href); // its own page says what is wrong
    }
  };

  const PAUSE = 120;
  let pause = 0;
  const mark = (row) => {
    current()?.removeAttribute('aria-current');
    row.setAttribute('aria-current', 'true');
    clearTimeout(pause);
    pause = setTimeout(show, PAUSE, row);
  };
  const move = (by) => {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(document.activeElement.closest('a.row') || current());
    const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))];
    next.focus();
  };
  // A click chooses what was not chosen when the button went down; Enter and a second click open its page.
  let wasChosen = false;
  list.addEventListener('mousedown', (event) => { wasChosen = event.target.closest('a.row')?.id === shown; });
  list.addEventListener('click', (event) => {
    const row = event.target.closest('a.row');
    if (!row || !hasPane() || !event.detail || event.metaKey || event.ctrlKey || event.shiftKey || wasChosen) return;
    event.preventDefault();
    mark(row);
  });
  const PAGES = { d: 'diagnose/', m: 'merge/', e: 'edit/' };
  document.addEventListener('keydown', (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || root.dataset.keys === 'off'
      || event.target.closest('input, textarea, select, dialog[open], [contenteditable]')) return;
    if (event.key === 'j' || event.key === 'k') move(event.key === 'j' ? 1 : -1);
    else if (event.key === '?') sheet.showModal();
    else if (event.key === 'd' && hasPane() && current()?.id === shown && pane.querySelector('textarea')) pane.querySelector('textarea').focus();
    else if (PAGES[event.key] && current()) location.assign(current().href + PAGES[event.key]);
    else return;
    event.preventDefault();
  });
  list.addEventListener('focusin', (event) => { const row = event.target.closest('a.row'); if (row && row !== current()) mark(row); });
  document.querySelector('[data-keysheet]').addEventListener('click', () => sheet.showModal());

  const renew = async () => {
    try {
      const answer = await fetch(addressOf(shown), { headers: { 'X-Part': 'list' } });
      if (answer.ok && !answer.redirected) list.innerHTML = await answer.text();
    } catch { /* the list is as old as the page */ }
  };
  document.addEventListener('feedback:logged', renew);
  document.addEventListener('feedback:withdrawn', renew);
})();
