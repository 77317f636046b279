// What was logged, with its undo: eight seconds, and as long as somebody looks at it.
(() => {
  const toast = document.querySelector('[data-toast]');
  if (!toast) return;
  let leaving = 0;
  const stay = () => clearTimeout(leaving);
  const leave = () => { stay(); leaving = setTimeout(() => { toast.hidden = true; }, 8000); };
  for (const [name, what] of [['mouseenter', stay], ['focusin', stay], ['mouseleave', leave], ['focusout', leave]]) toast.addEventListener(name, what);

  const undo = async (logged) => {
    try {
      const body = new URLSearchParams({ csrfmiddlewaretoken: logged.token });
      const answer = await fetch(logged.undo, { method: 'POST', headers: { 'X-Part': '1' }, body });
      const told = await answer.json();
      if (answer.ok) document.dispatchEvent(new CustomEvent('feedback:withdrawn', { detail: logged }));
      toast.replaceChildren(answer.ok ? `${told.words} Your words are kept as a draft.` : told.words);
    } catch { toast.replaceChildren('Not taken back: the server does not answer.'); }
    leave();
  };

  document.addEventListener('feedback:logged', (event) => {
    const words = Object.assign(document.createElement('a'), { href: event.detail.address || '#', textContent: event.detail.words });
    const button = Object.assign(document.createElement('button'), { type: 'button', textContent: 'Undo' });
    button.addEventListener('click', () => undo(event.detail));
    toast.replaceChildren(words, button);
    toast.hidden = false;
    leave();
  });
})();
