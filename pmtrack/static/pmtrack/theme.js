// Loaded before the first paint: the chosen theme, so that nothing flashes, and whether single keys act.
(() => {
  try {
    const theme = localStorage.getItem('theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
    if (localStorage.getItem('keys') === 'off') document.documentElement.dataset.keys = 'off';
  } catch { /* storage may be blocked */ }
})();
