import type { KeyboardEvent } from 'react'

/** Arrow keys go from message to message; Enter opens the menu of the one in focus. */
export function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')]
  const at = rows.indexOf(document.activeElement as HTMLElement)
  if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
    if (at === -1 && event.target !== event.currentTarget) return
    const next = at === -1 ? rows.length - 1 : at + (event.key === 'ArrowUp' ? -1 : 1)
    const row = rows[next]
    if (!row) return
    event.preventDefault()
    row.focus({ preventScroll: true })
    row.scrollIntoView({ block: 'nearest' })
  } else if (event.key === 'Enter' && at !== -1) {
    rows[at]?.querySelector<HTMLElement>('[aria-haspopup=menu]')?.click()
  }
}
