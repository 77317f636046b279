// "Find or do": one combobox in a native dialog. The options come from the server as HTML; without script the link leads to /find/.
(() => {
  const dialog = document.getElementById('finder');
  if (!dialog) return;
  const field = dialog.querySelector('[role=combobox]');
  const list = dialog.querySelector('[role=listbox]');
  const said = dialog.querySelector('[role=status]');
  const place = `find-recent-${dialog.dataset.reader}`;
  const isMac = /mac|iphone|ipad/i.test(navigator.platform);
  let asking = null;
  let pause = 0;

  // What was opened lately stays in this browser alone, for each person, and goes with the sign-out.
  const recent = () => { try { return JSON.parse(localStorage.getItem(place)) || []; } catch { return []; } };
  const remember = (label, url) => {
    const others = recent().filter((one) => one.url !== url);
    try { localStorage.setItem(place, JSON.stringify([{ label, url }, ...others].slice(0, 5))); } catch { /* blocked */ }
  };
  const heading = document.querySelector('main h1');
  if (heading && /^\/(products|releases|kpis|people)\/[^/]+\/$/.test(location.pathname)) {
    remember(document.title.replace(/ · pmtrack$/, ''), location.pathname);
  }
  document.addEventListener('submit', (event) => {
    if (/\/logout\/$/.test(event.target.action)) { try { localStorage.removeItem(place); } catch { /* blocked */ } }
  });

  const options = () => [...list.querySelectorAll('[role=option]')];
  const choose = (option) => {
    for (const other of options()) other.setAttribute('aria-selected', other === option);
    if (option) {
      field.setAttribute('aria-activedescendant', option.id);
      option.scrollIntoView({ block: 'nearest' });
    } else field.removeAttribute('aria-activedescendant');
  };
  const chosen = () => list.querySelector('[aria-selected=true]');

  const lately = () => {
    const group = document.createElement('div');
    group.setAttribute('role', 'group');
    group.setAttribute('aria-labelledby', 'fg-recent');
    group.innerHTML = '<p class="findhead" id="fg-recent" role="presentation">Recent</p>';
    recent().forEach((one, number) => {
      if (!/^\/[^/\\]/.test(one.url)) return;
      const option = document.createElement('a');
      Object.assign(option, { className: 'opt', id: `fo-recent-${number}`, href: one.url, tabIndex: -1, textContent: one.label });
      option.setAttribute('role', 'option');
      option.setAttribute('aria-selected', 'false');
      group.append(option);
    });
    return group.querySelector('a') ? group : '';
  };

  const show = (html) => {
    list.innerHTML = html;
    if (!field.value.trim()) list.prepend(lately());
    const count = options().length;
    list.hidden = !count;
    field.setAttribute('aria-expanded', count > 0);
    const note = list.querySelector('.findnote');
    said.textContent = note ? note.textContent : count ? `${count} ${count === 1 ? 'result' : 'results'}` : '';
    choose(field.value.trim() ? options()[0] : null);
  };

  const ask = async () => {
    if (asking) asking.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(`${dialog.dataset.options}?${new URLSearchParams({ q: field.value })}`, { signal: asking.signal });
      if (answer.redirected) location.reload(); // the sign-in has ended
      else if (answer.ok || answer.status === 422) show(await answer.text());
      else throw new Error(answer.status);
    } catch (error) {
      if (error.name === 'AbortError') return;
      show('');
      said.textContent = 'The server does not answer. Press Enter to try the search page.';
    }
  };

  const open = () => {
    if (dialog.open) return;
    dialog.showModal();
    field.select();
    ask();
  };
  const go = (option) => {
    remember(option.querySelector('.b')?.textContent || option.textContent, option.getAttribute('href'));
    dialog.close();
    location.assign(option.href);
  };
  const step = (by) => {
    const all = options();
    if (all.length) choose(all[(all.indexOf(chosen()) + by + all.length + (by < 0 && !chosen() ? 1 : 0)) % all.length]);
  };

  field.addEventListener('input', () => { clearTimeout(pause); pause = setTimeout(ask, 120); });
  field.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      step(event.key === 'ArrowDown' ? 1 : -1);
    } else if (event.key === 'Enter' && chosen()) {
      event.preventDefault();
      go(chosen());
    }
  });
  list.addEventListener('click', (event) => {
    const option = event.target.closest('[role=option]');
    if (!option || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(option);
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog || event.target.closest('[data-find-close]')) dialog.close();
  });
  document.addEventListener('click', (event) => {
    const link = event.target.closest('[data-find]');
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() === 'k' && (isMac ? event.metaKey : event.ctrlKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      if (dialog.open) dialog.close(); else open();
    }
  });
  for (const sign of document.querySelectorAll('[data-find] kbd')) sign.textContent = isMac ? '⌘K' : 'Ctrl K';
})();
