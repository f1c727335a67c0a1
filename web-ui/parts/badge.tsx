import css from './badge.module.css'

/** A number on the accent colour. `label` says it in words. */
export function Badge({ count, label }: { count: number; label: string }) {
  if (count === 0) return null
  return (
    <span className={css.badge} role="img" aria-label={label}>
      {count > 999 ? '999+' : count}
    </span>
  )
}
