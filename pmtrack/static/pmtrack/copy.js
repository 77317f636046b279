// Progressive enhancement only: without this file the field is selected and copied by hand.
(() => {
  for (const button of document.querySelectorAll('[data-copy]')) {
    const field = document.getElementById(button.dataset.copy);
    const told = document.querySelector('[data-copy-told]');
    button.hidden = false;
    button.addEventListener('click', async () => {
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
        told.textContent = button.dataset.done;
      } catch {
        told.textContent = 'Selected: copy it with your keyboard.';
      }
    });
  }
})();
