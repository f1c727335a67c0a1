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

/** The menu opens towards the larger half of the page. */
function sideOf(button: HTMLElement | null): 'below' | 'above' {
  const middle = document.documentElement.clientHeight / 2
  return (button?.getBoundingClientRect().top ?? 0) > middle ? 'above' : 'below'
}

/** A button and the list of actions it opens. Arrow keys move, Esc closes and gives focus back. */
export function Menu({ label, icon, items, tabIndex }: MenuProps) {
  const [open, setOpen] = useState(false)
  const [side, setSide] = useState<'below' | 'above'>('below')
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
          setSide(sideOf(button.current))
          setOpen(!open)
        }}
      >
        {icon}
      </IconButton>
      {open && <MenuList id={listId} label={label} side={side} items={items} close={close} />}
    </div>
  )
}

interface MenuListProps {
  id: string
  label: string
  side: 'below' | 'above'
  items: readonly MenuItem[]
  close: () => void
}

function MenuList({ id, label, side, items, close }: MenuListProps) {
  return (
    <div id={id} role="menu" aria-label={label} className={cx(css.list, css[side])}>
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
