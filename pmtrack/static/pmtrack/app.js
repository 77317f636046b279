// Progressive enhancement only: every page works without this file.
(() => {
  const root = document.documentElement;
  const keep = (theme) => { try { localStorage.setItem('theme', theme); } catch { /* storage may be blocked */ } };
  try { const theme = localStorage.getItem('theme'); if (theme) root.dataset.theme = theme; } catch { /* the same */ }

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-theme-toggle]');
    if (!button) return;
    const now = root.dataset.theme || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
    root.dataset.theme = now === 'dark' ? 'light' : 'dark';
    keep(root.dataset.theme);
  });

  // Phones show four rows of a table; without script all rows show (CSS scripting query).
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-more]');
    if (!button) return;
    const open = document.getElementById(button.dataset.more).classList.toggle('open');
    button.setAttribute('aria-expanded', open);
    button.dataset.all = button.dataset.all || button.textContent;
    button.textContent = open ? 'Show four' : button.dataset.all;
  });

  const inField = (target) => target.closest('input, textarea, select, [contenteditable]');

  // C opens the capture, or goes to its field on that page. Never inside a field (WCAG 2.1.4).
  document.addEventListener('keydown', (event) => {
    if (event.metaKey || event.ctrlKey) {
      // Cmd or Ctrl + Enter saves the form that holds the field.
      if (event.key === 'Enter' && event.target.form) { event.preventDefault(); event.target.form.requestSubmit(); }
      return;
    }
    if (event.key !== 'c' || event.altKey || root.dataset.keys === 'off' || inField(event.target)) return;
    const field = document.getElementById('fb-text');
    const link = document.querySelector('a.log');
    event.preventDefault();
    if (field) field.focus(); else if (link) location.assign(link.href);
  });

  // What is typed in the capture survives an expired sign-in and a lost connection.
  const draft = document.getElementById('fb-text');
  if (draft) {
    try {
      if (!draft.value) draft.value = sessionStorage.getItem('fb-draft') || '';
      draft.addEventListener('input', () => sessionStorage.setItem('fb-draft', draft.value));
    } catch { /* storage may be blocked */ }
  }
  if (document.querySelector('[data-logged]')) {
    try { sessionStorage.removeItem('fb-draft'); } catch { /* the same */ }
  }
})();
