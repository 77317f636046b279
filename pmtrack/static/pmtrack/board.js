// Moves on the cycle board: by dragging and by [ and ]. The menus of the cards work without this file.
(() => {
  const board = document.querySelector('[data-board]');
  if (!board) return;
  const root = document.documentElement;
  const said = document.querySelector('[data-board-said]');
  document.querySelector('[data-board-keys]').hidden = false;

  const ready = () => { for (const card of board.querySelectorAll('.card[data-moves]')) card.draggable = true; };
  const renew = async (key) => {
    const answer = await fetch(location.href, { headers: { 'X-Part': '1' } });
    if (!answer.ok || answer.redirected) { location.reload(); return; }
    board.innerHTML = await answer.text();
    ready();
    document.getElementById(key)?.querySelector('a.t').focus();
  };
  const refuse = (words) => { said.textContent = words; };

  // An entry goes on to its diagnosis and a diagnosis to a new feature on pages of their own; features move here.
  const move = async (card, to) => {
    said.textContent = '';
    const key = card.id;
    if (card.dataset.kind !== 'W') {
      const next = card.querySelector('[data-next]');
      if (next && (to === 'diagnosed' || to === 'building')) location.assign(next.href);
      else refuse(`${key} goes on with a ${card.dataset.kind === 'FB' ? 'diagnosis' : 'feature'} first.`);
      return;
    }
    const form = card.querySelector('[data-move]');
    if (!form) { refuse(`${key} is moved by the system once its figures are in.`); return; }
    const body = new URLSearchParams(new FormData(form));
    body.set('to', to);
    card.classList.add('moving');
    try {
      const answer = await fetch(form.action, { method: 'POST', body, headers: { Accept: 'application/json' } });
      if (answer.redirected) { location.reload(); return; }
      const told = await answer.json();
      if (answer.ok && !told.problem) await renew(key);
      else refuse(told.problem || `${key} was not moved.`);
    } catch {
      refuse(`${key} was not moved: the server does not answer.`);
    } finally { card.classList.remove('moving'); }
  };

  let held = null;
  board.addEventListener('dragstart', (event) => {
    held = event.target.closest('.card[data-moves]');
    if (held) { event.dataTransfer.effectAllowed = 'move'; event.dataTransfer.setData('text/plain', held.id); }
  });
  const target = (event) => {
    const cell = event.target.closest?.('.cell');
    return held && cell && cell.dataset.lane === held.dataset.lane && !cell.contains(held) ? cell : null;
  };
  const clear = () => { for (const cell of board.querySelectorAll('.cell.over')) cell.classList.remove('over'); };
  board.addEventListener('dragover', (event) => {
    clear();
    const cell = target(event);
    if (cell) { event.preventDefault(); cell.classList.add('over'); }
  });
  board.addEventListener('dragend', () => { clear(); held = null; });
  board.addEventListener('drop', (event) => {
    const cell = target(event);
    clear();
    if (cell) { event.preventDefault(); move(held, cell.dataset.column); }
  });
  document.addEventListener('keydown', (event) => {
    if ((event.key !== '[' && event.key !== ']') || event.metaKey || event.ctrlKey || root.dataset.keys === 'off'
      || event.target.closest('input, textarea, select, dialog[open]')) return;
    const card = event.target.closest('.card[data-moves]');
    if (!card) return;
    event.preventDefault();
    const entry = card.dataset.kind === 'FB' ? 'diagnosed' : 'building';
    const to = card.dataset.kind === 'W' ? card.dataset[event.key === '[' ? 'back' : 'on'] : entry;
    if (to) move(card, to); else refuse(`There is no step ${event.key === '[' ? 'back' : 'on'} for ${card.id} by hand.`);
  });
  ready();
})();
