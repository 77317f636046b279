// Progressive enhancement only: what is typed in a form marked data-draft survives an expired sign-in, a lost connection and
// a closed tab's reload, and the count of answers follows the typing. Without this file the form works all the same.
(() => {
  const store = { get: (name) => { try { return JSON.parse(sessionStorage.getItem(name)); } catch { return null; } },
    set: (name, value) => { try { sessionStorage.setItem(name, JSON.stringify(value)); } catch { /* storage may be blocked */ } },
    drop: (name) => { try { sessionStorage.removeItem(name); } catch { /* the same */ } } };
  const ready = (form) => {
    const name = `draft:${new URL(form.action).pathname}`;
    const fields = [...form.querySelectorAll('textarea')];
    const version = form.elements.version.value;
    const count = () => {
      const shown = form.closest('section').querySelector('[data-answered]');
      if (shown) shown.textContent = `${fields.filter((field) => field.value.trim()).length} of ${fields.length} answered`;
    };
    // A draft of an older version was saved or is settled by the page that shows both texts.
    const kept = store.get(name);
    const isRefused = form.querySelector('[aria-invalid]');
    if (kept && kept.version === version && !isRefused) {
      for (const field of fields) if (kept.texts[field.name] !== undefined) field.value = kept.texts[field.name];
    } else if (kept) store.drop(name);
    form.addEventListener('input', () => {
      store.set(name, { version, texts: Object.fromEntries(fields.map((field) => [field.name, field.value])) });
      count();
    });
    count();
    // Who takes what stands now has settled it.
    for (const link of document.querySelectorAll('[data-forget]')) link.addEventListener('click', () => store.drop(name));
  };
  const among = (place) => { for (const form of place.querySelectorAll('form[data-draft]')) ready(form); };
  among(document);
  document.addEventListener('forms:shown', (event) => among(event.target));
})();
