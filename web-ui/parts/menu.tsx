import { useEffect, useId, useRef, useState } from 'react'
import type { KeyboardEvent, ReactNode } from 'react'
import { cx } from './cx.ts'
import { IconButton } from './icon-button.tsx'
import css from './menu.module.css'

export interface MenuItem {
  key: string
  label: ReactNode
  icon?: ReactNode
  danger?: boolean
  run: () => void
}

export interface MenuProps {
  label: string
  icon: ReactNode
  items: readonly MenuItem[]
  /** Of the button; -1 where it is reached in another way. */
  tabIndex?: number
}

const step: Record<string, (at: number, count: number) => number> = {
  ArrowDown: (at, count) => (at + 1) % count,
  ArrowUp: (at, count) => (at - 1 + count) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
}

interface Opening {
  side: 'below' | 'above'
  align: 'start' | 'end'
}

/** The menu opens towards the larger part of the page, so that it fits. */
function openingOf(button: HTMLElement | null): Opening {
  const { clientHeight, clientWidth } = document.documentElement
  const { top, left } = button?.getBoundingClientRect() ?? { top: 0, left: 0 }
  return { side: top > clientHeight / 2 ? 'above' : 'below', align: left < clientWidth / 2 ? 'start' : 'end' }
}

/** A button and the list of actions it opens. Arrow keys move, Esc closes and gives focus back. */
export function Menu({ label, icon, items, tabIndex }: MenuProps) {
  const [open, setOpen] = useState(false)
  const [opening, setOpening] = useState<Opening>({ side: 'below', align: 'end' })
  const box = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const listId = useId()
  const entries = () => [...(box.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])]

  useEffect(() => {
    if (!open) return
    entries()[0]?.focus()
    const closeOutside = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false)
    }
    document.addEventListener('pointerdown', closeOutside)
    return () => document.removeEventListener('pointerdown', closeOutside)
  }, [open])

  const close = () => {
    setOpen(false)
    button.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (!open) return
    if (event.key === 'Escape') {
      event.stopPropagation()
      close()
    } else if (event.key === 'Tab') {
      setOpen(false)
    } else if (step[event.key]) {
      event.preventDefault()
      const all = entries()
      all[step[event.key]!(all.indexOf(document.activeElement as HTMLElement), all.length)]?.focus()
    }
  }

  if (items.length === 0) return null
  return (
    <div ref={box} className={css.box} onKeyDown={onKeyDown}>
      <IconButton
        ref={button}
        label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? listId : undefined}
        tabIndex={tabIndex}
        onClick={() => {
          setOpening(openingOf(button.current))
          setOpen(!open)
        }}
      >
        {icon}
      </IconButton>
      {open && <MenuList id={listId} label={label} opening={opening} items={items} close={close} />}
    </div>
  )
}

interface MenuListProps {
  id: string
  label: string
  opening: Opening
  items: readonly MenuItem[]
  close: () => void
}

function MenuList({ id, label, opening, items, close }: MenuListProps) {
  return (
    <div id={id} role="menu" aria-label={label} className={cx(css.list, css[opening.side], css[opening.align])}>
      {items.map((item) => (
        <button
          key={item.key}
          type="button"
          role="menuitem"
          tabIndex={-1}
          className={cx(css.item, item.danger && css.danger)}
          onClick={() => {
            close()
            item.run()
          }}
        >
          {item.icon}
          <span>{item.label}</span>
        </button>
      ))}
    </div>
  )
}
