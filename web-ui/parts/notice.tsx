import { CircleAlert, CircleCheck, Info } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import css from './notice.module.css'

const icons = { problem: CircleAlert, good: CircleCheck, info: Info }

/** One sentence on a soft card. A problem is read out at once, the others when the reader pauses. */
export function Notice({ kind, children }: { kind: keyof typeof icons; children: ReactNode }) {
  const Icon = icons[kind]
  return (
    <div className={cx(css.notice, css[kind])} role={kind === 'problem' ? 'alert' : 'status'}>
      <Icon aria-hidden />
      <div>{children}</div>
    </div>
  )
}
