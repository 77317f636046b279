// The field "From": names that fit while one types, as a listbox; choosing one fills in who it was heard through.
// Without this file the name is looked up when the form is sent.
(() => {
  const field = (form, name) => form.elements.namedItem(name);

  const sourcesOf = (form) => {
    const input = field(form, 'said_by');
    const list = form.querySelector('.opts');
    const said = form.querySelector('[data-from-said]');
    const nobody = said.textContent;
    const clear = form.querySelector('[data-from-clear]');
    const customer = form.querySelector('[data-customer]');
    const via = field(form, 'via');
    const named = form.querySelector('input[type=hidden][name=source]');
    let asking = null;
    let pause = 0;
    const attributes = { role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': list.id };
    for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', 'Colleagues and customers');
    customer.hidden = !(named.value.startsWith('a-') || via.value || customer.querySelector('.errmsg'));
    clear.hidden = !named.value;

    const options = () => [...list.querySelectorAll('[role=option]')];
    const chosen = () => list.querySelector('[aria-selected=true]');
    const choose = (option) => {
      for (const other of options()) other.setAttribute('aria-selected', other === option);
      if (option) { input.setAttribute('aria-activedescendant', option.id); option.scrollIntoView({ block: 'nearest' }); } else input.removeAttribute('aria-activedescendant');
    };
    const hide = () => { list.hidden = true; input.setAttribute('aria-expanded', 'false'); choose(null); };
    const forget = () => {
      named.value = '';
      clear.hidden = true;
      customer.hidden = true;
      via.value = '';
      if (field(form, 'consent')) field(form, 'consent').value = '';
      said.textContent = nobody;
    };
    const take = (option) => {
      const { value, label, via: through = '', viaName = '', consent = '' } = option.dataset;
      named.value = value;
      input.value = label;
      clear.hidden = false;
      const isOutside = value.startsWith('a-');
      customer.hidden = !isOutside;
      if (isOutside && through && ![...via.options].some((one) => one.value === through)) via.add(new Option(viaName, through));
      via.value = isOutside ? through : '';
      if (isOutside && field(form, 'consent')) field(form, 'consent').value = consent;
      said.textContent = isOutside ? `${label}${viaName ? ` via ${viaName}` : ''}, a customer.` : `${label}: you can ask them directly, by chat or mail.`;
      hide();
      form.dispatchEvent(new Event('source:taken'));
    };
    const ask = async () => {
      clearTimeout(pause);
      pause = 0;
      if (asking) asking.abort();
      asking = new AbortController();
      if (!input.value.trim()) { hide(); return; }
      try {
        const answer = await fetch(`${form.dataset.sources}?${new URLSearchParams({ q: input.value })}`, { signal: asking.signal });
        if (!answer.ok || answer.redirected) return;
        list.innerHTML = await answer.text();
        const count = options().length;
        const note = list.querySelector('.findnote');
        list.hidden = !count;
        input.setAttribute('aria-expanded', count > 0);
        said.textContent = note ? note.textContent : `${count} ${count === 1 ? 'name fits' : 'names fit'}.`;
        choose(options()[0]);
      } catch { /* typed on meanwhile, or offline: the name is looked up when it is sent */ }
    };
    const takeFirst = async () => {
      if (named.value || !input.value.trim()) return;
      if (list.hidden || pause) await ask();
      if (chosen()) take(chosen());
    };
    input.addEventListener('input', () => { forget(); clearTimeout(pause); pause = setTimeout(ask, 120); });
    form.addEventListener('said-by:typed', async (event) => {
      if (event.detail.choose) await takeFirst(); else await ask();
      event.detail.then();
    });
    input.addEventListener('keydown', (event) => {
      if (event.isComposing) return;
      const all = options();
      if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && !list.hidden && all.length) {
        event.preventDefault();
        const by = event.key === 'ArrowDown' ? 1 : -1;
        choose(all[(all.indexOf(chosen()) + by + all.length) % all.length]);
      } else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
        event.preventDefault(); // Enter chooses; it never sends half an entry
        takeFirst();
      } else if (event.key === 'Escape' && !list.hidden) {
        event.preventDefault();
        event.stopPropagation();
        hide();
      }
    });
    input.addEventListener('blur', () => setTimeout(hide, 150));
    list.addEventListener('mousedown', (event) => event.preventDefault());
    list.addEventListener('click', (event) => { const option = event.target.closest('[role=option]'); if (option) take(option); });
    clear.addEventListener('click', () => { input.value = ''; forget(); input.focus(); });
  };

  document.addEventListener('form:ready', (event) => sourcesOf(event.target));
  for (const form of document.querySelectorAll('form.speaker')) sourcesOf(form);
})();
