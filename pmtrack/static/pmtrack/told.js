// Progressive enhancement only: without this file the reader presses the button.
// Whoever has the page before them for two seconds has opened it; a program that fetches links shows it to nobody.
(() => {
  const form = document.querySelector('[data-read]');
  if (!form) return;
  let waiting;
  const note = async () => {
    const answer = await fetch(form.action, { method: 'POST', body: new FormData(form) }).catch(() => null);
    if (!answer || !answer.ok) return;
    form.querySelector('.actions').hidden = true;
    form.querySelector('[data-read-done]').hidden = false;
    document.removeEventListener('visibilitychange', look);
  };
  const look = () => {
    clearTimeout(waiting);
    if (document.visibilityState === 'visible') waiting = setTimeout(note, 2000);
  };
  document.addEventListener('visibilitychange', look);
  look();
})();
