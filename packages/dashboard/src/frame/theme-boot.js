// Runs before the first paint: sets `data-theme` on the page from the stored choice or the system's. Kept tiny and
// without imports; `theme.ts` owns the choice afterwards and must read the same key.
;(() => {
  let choice = 'system'
  try {
    choice = JSON.parse(localStorage.getItem('pawl:theme') ?? '"system"')
  } catch {}
  const isDark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = isDark ? 'dark' : 'light'
})()
