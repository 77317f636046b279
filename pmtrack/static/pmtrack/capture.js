// The capture: a dialog on every page, similar entries and hints while one types, drafts. said_by.js has the field "From", toast.js what was logged.
// Every form here also works as a page without this file.
(() => {
  const dialog = document.getElementById('capturer');
  const toast = document.querySelector('[data-toast]');
  if (!dialog || !toast) return;
  const root = document.documentElement;
  const isMac = /mac|iphone|ipad/i.test(navigator.platform);
  const store = {
    get: (name) => { try { return sessionStorage.getItem(name); } catch { return null; } },
    set: (name, value) => { try { sessionStorage.setItem(name, value); } catch { /* blocked */ } },
    drop: (name) => { try { sessionStorage.removeItem(name); } catch { /* blocked */ } },
  };
  const DRAFT = 'fb-draft';
  const PAUSE = 350;
  const SHORTEST = 12;
  const part = { 'X-Part': '1' };
  let cameFrom = null;
  const empty = dialog.querySelector('[data-capture-place]').innerHTML;

  // ---------- the form: on its page, or fetched into the dialog
  const formOnPage = () => document.querySelector('main form.capture');
  const field = (form, name) => form.elements.namedItem(name);

  // ---------- a draft is all that was chosen and typed, not only the words
  const KEPT = ['text', 'said_by', 'source', 'product', 'via', 'consent', 'channel', 'on', 'not_these'];
  const keep = (form) => {
    const filled = [...new FormData(form)].filter(([name]) => KEPT.includes(name));
    store.set(DRAFT, JSON.stringify(Object.fromEntries(filled)));
  };
  const restore = (form) => {
    let kept = {};
    try { kept = JSON.parse(store.get(DRAFT)) || {}; } catch { /* not ours */ }
    if (!kept.text || field(form, 'text').value) return;
    for (const name of KEPT) {
      const control = name === 'source' ? form.querySelector('input[type=hidden][name=source]') : field(form, name);
      const fits = !control?.options || [...control.options].some((option) => option.value === kept[name]);
      if (control && kept[name] && fits) control.value = kept[name];
    }
  };

  // What is typed before the form has come is carried into it: words, name, focus, and the key that chooses or sends.
  const carry = (early, form) => {
    const [first, from] = [early.querySelector('textarea'), early.querySelector('input')];
    const area = field(form, 'text');
    if (!area.value) area.value = first.value;
    const isInFrom = document.activeElement === from;
    const [typed, caret] = [from.value, (isInFrom ? from : first).selectionStart];
    const { next } = early.dataset;
    return () => {
      const place = isInFrom ? field(form, 'said_by') : area;
      if (typed) field(form, 'said_by').value = typed;
      place.focus();
      if (typed || first.value) place.setSelectionRange(caret, caret);
      if (typed) form.dispatchEvent(new CustomEvent('said-by:typed', { detail: { choose: Boolean(next), then: () => next === 'send' && send(form) } }));
      else if (next === 'send') send(form);
    };
  };

  const showForm = (html) => {
    const place = dialog.querySelector('[data-capture-place]');
    const early = place.querySelector('[data-early]');
    const fresh = document.createElement('template');
    fresh.innerHTML = html;
    for (const one of fresh.content.querySelectorAll('[autofocus]')) one.removeAttribute('autofocus');
    const form = fresh.content.querySelector('form.capture');
    const problem = fresh.content.querySelector('.banner.bad');
    const carried = early && carry(early, form);
    place.replaceChildren(fresh.content);
    ready(form);
    if (carried && !problem) { carried(); return; }
    const area = field(form, 'text');
    (problem || area).focus();
    if (!problem) area.setSelectionRange(area.value.length, area.value.length);
  };

  const fetchForm = async () => {
    const here = location.pathname.match(/^\/products\/([^/]+)\//);
    const asked = here ? `?${new URLSearchParams({ product: here[1] })}` : '';
    try {
      const answer = await fetch(dialog.dataset.form + asked, { headers: part });
      if (answer.redirected || !answer.ok) throw new Error(answer.status);
      showForm(await answer.text());
    } catch {
      store.set(DRAFT, JSON.stringify({ text: dialog.querySelector('textarea').value }));
      location.assign(dialog.dataset.form);
    }
  };

  const open = () => {
    const onPage = formOnPage();
    if (onPage) { field(onPage, 'text').focus(); return; }
    if (dialog.open) return;
    cameFrom = document.activeElement;
    toast.hidden = true;
    dialog.showModal();
    dialog.querySelector('textarea').focus();
    if (!dialog.querySelector('form[action]')) fetchForm();
  };
  const close = () => { if (dialog.open) dialog.close(); };
  dialog.addEventListener('close', () => { if (cameFrom?.isConnected) cameFrom.focus(); });

  document.addEventListener('click', (event) => {
    if (event.target === dialog || event.target.closest('[data-capture-close]')) { close(); return; }
    const link = event.target.closest('a.log, a.add, [data-capture]');
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open();
  });

  // ---------- keys
  document.addEventListener('keydown', (event) => {
    const form = event.target.closest?.('form.capture');
    if (event.key === 'Enter' && (event.metaKey || event.ctrlKey) && form) {
      event.preventDefault();
      if ('early' in form.dataset) form.dataset.next = 'send';
      else send(form, { again: event.shiftKey });
    } else if (event.key === 'Enter' && form && 'early' in form.dataset && event.target.matches('input')) {
      event.preventDefault();
      form.dataset.next ||= 'choose';
    } else if (event.altKey && (event.code === 'Digit1' || event.code === 'Digit2') && form) {
      const button = form.querySelectorAll('[data-add]')[event.code === 'Digit1' ? 0 : 1];
      if (button) { event.preventDefault(); button.click(); }
    } else if (event.key === 'c' && !event.metaKey && !event.ctrlKey && !event.altKey && root.dataset.keys !== 'off'
      && !event.target.closest('input, textarea, select, dialog[open], [contenteditable]')) {
      event.preventDefault();
      open();
    }
  });

  // ---------- what was heard before
  const asked = new WeakMap();
  const similar = async (form) => {
    const place = form.querySelector('[data-dups]');
    const text = field(form, 'text').value;
    asked.get(form)?.abort();
    if (text.trim().length < SHORTEST) { place.replaceChildren(); return; }
    const asking = new AbortController();
    asked.set(form, asking);
    const body = new URLSearchParams({
      q: text, product: field(form, 'product').value, not_these: field(form, 'not_these').value,
      source: form.querySelector('input[type=hidden][name=source]').value,
      csrfmiddlewaretoken: field(form, 'csrfmiddlewaretoken').value,
    });
    try {
      const answer = await fetch(form.dataset.similar, { method: 'POST', body, signal: asking.signal });
      if (!answer.ok || answer.redirected) return;
      const html = (await answer.text()).trim();
      if (html !== place.dataset.shown) { place.dataset.shown = html; place.innerHTML = html; }
      for (const button of place.querySelectorAll('[data-add] kbd')) if (isMac) button.textContent = button.textContent.replace('Alt', '⌥');
    } catch { /* offline or typed on: suggestions are a help, never a need */ }
  };

  const ready = (form) => {
    if (form.dataset.ready) return;
    form.dataset.ready = 'yes';
    const area = field(form, 'text');
    const counted = form.querySelector('[data-counted]');
    let pause = 0;
    const count = () => {
      const length = [...area.value].length;
      counted.hidden = length <= 1800;
      counted.textContent = `${length.toLocaleString('en')} of 2,000 characters`;
      counted.classList.toggle('worse', length > 2000);
    };
    restore(form);
    form.addEventListener('input', () => keep(form));
    form.addEventListener('source:taken', () => { keep(form); similar(form); });
    area.addEventListener('input', () => {
      count();
      clearTimeout(pause);
      pause = setTimeout(() => similar(form), PAUSE);
    });
    field(form, 'product').addEventListener('change', () => similar(form));
    form.dispatchEvent(new Event('form:ready', { bubbles: true }));
    count();
    similar(form);
    for (const sign of form.querySelectorAll('[data-send-keys]')) sign.textContent = isMac ? '⌘↵' : 'Ctrl ↵';
  };

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-clean], [data-add], [data-dismiss]');
    const form = button?.closest('form.capture');
    if (!form) return;
    const area = field(form, 'text');
    if ('clean' in button.dataset) {
      area.value = button.dataset.clean;
      area.dispatchEvent(new Event('input', { bubbles: true }));
      area.focus();
    } else if ('add' in button.dataset) send(form, { addTo: button.dataset.add });
    else {
      const dismissed = field(form, 'not_these');
      dismissed.value = [...dismissed.value.split(',').filter(Boolean), button.dataset.dismiss].join(',');
      area.focus();
      similar(form);
    }
  });

  // ---------- sending
  const tell = (form, words, more = []) => form.querySelector('[data-unsaved]').replaceChildren(words, ...more);
  const copyButton = (form) => {
    const button = Object.assign(document.createElement('button'), { type: 'button', className: 'btn', textContent: 'Copy text' });
    button.addEventListener('click', async () => {
      try { await navigator.clipboard.writeText(field(form, 'text').value); button.textContent = 'Copied'; } catch { field(form, 'text').select(); }
    });
    return button;
  };
  const signIn = () => Object.assign(document.createElement('a'), { href: '/login/', target: '_blank', textContent: 'Sign in in another tab' });

  const send = async (form, { addTo = '', again = false } = {}) => {
    if (form.dataset.sending) return;
    form.dataset.sending = 'yes';
    tell(form, '');
    const body = new URLSearchParams(new FormData(form));
    if (addTo) body.set('add_to', addTo);
    try {
      const answer = await fetch(form.action, { method: 'POST', body, headers: part });
      const kind = answer.headers.get('Content-Type') || '';
      if (answer.redirected || answer.status === 403) {
        tell(form, 'You were signed out. What you wrote is kept. ', [signIn(), ', then press Log it again.']);
        await renew(form);
      } else if (answer.ok && kind.startsWith('application/json')) done(form, await answer.json(), again);
      else if (answer.status === 422 || answer.status === 400) refused(form, await answer.text());
      else throw new Error(answer.status);
    } catch {
      let left = 10;
      const wait = () => {
        if (!form.isConnected || form.dataset.sending) return;
        tell(form, `Not saved, trying again in ${left} s. `, left === 10 ? [copyButton(form)] : [...form.querySelectorAll('[data-unsaved] button')]);
        left -= 1;
        if (left < 0) send(form, { addTo, again }); else setTimeout(wait, 1000);
      };
      setTimeout(wait);
    } finally { delete form.dataset.sending; }
  };

  // After a sign-in elsewhere the form needs the new session's token; what was typed stays.
  const renew = async (form) => {
    addEventListener('focus', async () => {
      try {
        const answer = await fetch(dialog.dataset.form, { headers: part });
        if (!answer.ok || answer.redirected) return;
        const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('form.capture');
        field(form, 'csrfmiddlewaretoken').value = field(fresh, 'csrfmiddlewaretoken').value;
        tell(form, 'You are signed in again. Press Log it.');
      } catch { /* still away */ }
    }, { once: true });
  };

  const refused = (form, html) => {
    if (dialog.contains(form)) { showForm(html); return; }
    const page = new DOMParser().parseFromString(html, 'text/html');
    const place = document.createElement('div');
    place.append(...page.body.childNodes);
    for (const old of document.querySelectorAll('main > .banner.bad')) old.remove();
    (form.closest('[data-capture-errors]') || form).replaceWith(place);
    place.dataset.captureErrors = 'yes';
    const next = place.querySelector('form.capture');
    ready(next);
    (place.querySelector('.banner.bad') || field(next, 'text')).focus();
  };

  const done = async (form, said, again) => {
    store.drop(DRAFT);
    const text = field(form, 'text').value;
    const token = field(form, 'csrfmiddlewaretoken').value;
    field(form, 'text').value = '';
    const inDialog = dialog.contains(form);
    if (inDialog && !again) {
      close();
      dialog.querySelector('[data-capture-place]').innerHTML = empty;
    } else if (inDialog) await fetchForm();
    else await replaceOnPage(form);
    document.dispatchEvent(new CustomEvent('feedback:logged', { detail: { ...said, token, text } }));
  };
  const replaceOnPage = async (form) => {
    const answer = await fetch(form.getAttribute('action'), { headers: part });
    if (!answer.ok || answer.redirected) { location.reload(); return; }
    refused(form, await answer.text());
    field(formOnPage(), 'text').focus();
  };

  document.addEventListener('feedback:withdrawn', (event) => store.set(DRAFT, JSON.stringify({ text: event.detail.text })));

  document.addEventListener('submit', (event) => {
    const form = event.target.closest('form.capture');
    if (!form || !form.dataset.ready) { if (form && 'early' in form.dataset) event.preventDefault(); return; }
    event.preventDefault();
    send(form);
  });

  if (document.querySelector('[data-logged]')) store.drop(DRAFT);
  const onPage = formOnPage();
  if (onPage) ready(onPage);
})();
