import { cx } from './cx.ts'
import css from './hearth-mark.module.css'

/** The sign of the app: an arch with a flame in it. The flame glows while something is under way; it stands where others put a spinner. */
export function HearthMark({ size = 56, glowing = false }: { size?: number; glowing?: boolean }) {
  return (
    <svg className={cx(css.mark, glowing && css.glowing)} width={size} height={size} viewBox="0 0 64 64" aria-hidden>
      <rect className={css.wall} width="64" height="64" rx="18" />
      <path className={css.arch} d="M14 50V31a18 18 0 0 1 36 0v19" />
      <path className={css.flame} d="M33 23c1 6 9 9 9 18a10 10 0 0 1-20 0c0-4 2-6 4-8 0 3 1 4 3 5 2-4 1-10 4-15z" />
    </svg>
  )
}
