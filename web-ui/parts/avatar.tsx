import { cx } from './cx.ts'
import { hueOf } from './hue.ts'
import { initialOf } from './initial.ts'
import css from './avatar.module.css'

export interface AvatarProps {
  /** Decides the colour, and stays when the name changes. */
  id: string
  name: string
  size?: 's' | 'm' | 'l' | 'xl'
  /** Groups have a rounded square, people a circle. */
  group?: boolean
}

/** The first letter of a name on the colour of its id. Always beside the name, so it is hidden from screen readers. */
export function Avatar({ id, name, size = 'm', group = false }: AvatarProps) {
  return (
    <span className={cx(css.avatar, css[size], group && css.group)} data-hue={hueOf(id)} aria-hidden>
      {initialOf(name)}
    </span>
  )
}
