import css from './skeleton.module.css'

/** Grey rows in the place of a list that is on its way. They appear after 150 ms, so that a quick answer never flashes them. */
export function SkeletonRows({ count }: { count: number }) {
  return (
    <div className={css.rows} aria-hidden>
      {Array.from({ length: count }, (_, index) => (
        <div key={index} className={css.row}>
          <span className={css.circle} />
          <span className={css.lines}>
            <span />
            <span />
          </span>
        </div>
      ))}
    </div>
  )
}
