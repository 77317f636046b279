// Charts that are read day by day, with the pointer or the arrow keys. The table below each says the same without it.
(() => {
  for (const box of document.querySelectorAll('[data-chart]')) {
    const drawing = box.querySelector('svg');
    const cursor = box.querySelector('.cursor');
    if (!cursor) continue;
    const places = JSON.parse(cursor.dataset.places);
    const [line, dot] = cursor.children;
    const said = document.createElement('p');
    said.className = 'readout wide';
    said.setAttribute('aria-live', 'polite');
    said.textContent = 'Point at the chart or use the arrow keys to read a day.';
    box.after(said);
    box.tabIndex = 0;
    box.setAttribute('role', 'group');
    box.setAttribute('aria-label', 'Chart. Left and right arrow keys read its days.');
    let current = places.length;

    const show = (number) => {
      current = Math.max(0, Math.min(places.length - 1, number));
      const [x, y, words] = places[current];
      line.setAttribute('x1', x);
      line.setAttribute('x2', x);
      dot.setAttribute('cx', x);
      dot.setAttribute('cy', y);
      cursor.setAttribute('visibility', 'visible');
      said.textContent = words;
    };
    const nearest = (x) => places.reduce((best, place, number) => (Math.abs(place[0] - x) < Math.abs(places[best][0] - x) ? number : best), 0);

    drawing.addEventListener('pointermove', (event) => {
      const area = drawing.getBoundingClientRect();
      show(nearest((event.clientX - area.left) / area.width * drawing.viewBox.baseVal.width));
    });
    box.addEventListener('keydown', (event) => {
      const steps = { ArrowRight: 1, ArrowLeft: -1, PageUp: -7, PageDown: 7, Home: -places.length, End: places.length };
      if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      show(current + steps[event.key]);
    });
  }
})();
