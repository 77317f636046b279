// Progressive enhancement only: every page works without this file.
(() => {
  const root = document.documentElement;
  const keep = (store, name, value) => { try { store.setItem(name, value); } catch { /* storage may be blocked */ } };

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

  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      const menu = document.querySelector('details.me[open]');
      if (menu) { menu.open = false; menu.querySelector('summary').focus(); }
    }
  });

  showKeys();
})();
