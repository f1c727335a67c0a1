// Runs before the first paint, so that a chosen theme never flashes the other one. Kept in step with parts/theme.ts.
;(() => {
  try {
    const theme = localStorage.getItem('hearth.theme')
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
  } catch (error) {
    console.warn('The chosen theme cannot be read here', error)
  }
})()
