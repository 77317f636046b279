// Progressive enhancement only: every page works without this file.
(() => {
  const root = document.documentElement;
  const keep = (store, name, value) => { try { store.setItem(name, value); } catch { /* storage may be blocked */ } };
  const kept = (store, name) => { try { return store.getItem(name); } catch { return null; } };
  const drop = (store, name) => { try { store.removeItem(name); } catch { /* the same */ } };

  const switchTheme = () => {
    const now = root.dataset.theme || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
    root.dataset.theme = now === 'dark' ? 'light' : 'dark';
    keep(localStorage, 'theme', root.dataset.theme);
  };

  // Single keys can be switched off (WCAG 2.1.4).
  const showKeys = () => {
    const on = root.dataset.keys !== 'off';
    for (const button of document.querySelectorAll('[data-keys-toggle]')) {
      button.setAttribute('aria-pressed', on);
      button.querySelector('[data-keys-state]').textContent = on ? 'on' : 'off';
    }
  };
  const switchKeys = () => {
    root.dataset.keys = root.dataset.keys === 'off' ? 'on' : 'off';
    keep(localStorage, 'keys', root.dataset.keys);
    showKeys();
  };

  // Phones show four rows of a table; without script all rows show (CSS scripting query).
  const showMore = (button) => {
    const open = document.getElementById(button.dataset.more).classList.toggle('open');
    button.setAttribute('aria-expanded', open);
    button.dataset.all = button.dataset.all || button.textContent;
    button.textContent = open ? 'Show four' : button.dataset.all;
  };

  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll('details.me[open]')) if (menu !== except) menu.open = false;
  };

  document.addEventListener('click', (event) => {
    closeMenus(event.target.closest('details.me'));
    const button = event.target.closest('[data-theme-toggle], [data-keys-toggle], [data-more]');
    if (!button) return;
    if ('themeToggle' in button.dataset) switchTheme();
    else if ('keysToggle' in button.dataset) switchKeys();
    else showMore(button);
  });

  // C goes to the capture, or to its field on that page; never inside a field. Cmd or Ctrl + Enter sends the capture.
  const openCapture = () => {
    const field = document.getElementById('fb-text');
    const link = document.querySelector('a.log');
    if (field) field.focus(); else if (link) location.assign(link.href);
    return field || link;
  };
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      const menu = document.querySelector('details.me[open]');
      if (menu) { menu.open = false; menu.querySelector('summary').focus(); }
    } else if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) {
      const form = event.target.closest('form.capture');
      if (form) { event.preventDefault(); form.requestSubmit(); }
    } else if (event.key === 'c' && !event.metaKey && !event.ctrlKey && !event.altKey && root.dataset.keys !== 'off'
      && !event.target.closest('input, textarea, select, [contenteditable]')) {
      if (openCapture()) event.preventDefault();
    }
  });

  // What is typed in the capture survives an expired sign-in and a lost connection; a logged entry ends it.
  if (document.querySelector('[data-logged]')) drop(sessionStorage, 'fb-draft');
  const draft = document.getElementById('fb-text');
  if (draft) {
    if (!draft.value) draft.value = kept(sessionStorage, 'fb-draft') || '';
    draft.addEventListener('input', () => keep(sessionStorage, 'fb-draft', draft.value));
  }
  showKeys();
})();
