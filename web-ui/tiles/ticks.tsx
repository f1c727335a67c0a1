import { useLingui } from '@lingui/react/macro'
import { Check, CheckCheck, CircleAlert, Clock3 } from 'lucide-react'
import type { ItemStatus } from '#client-sdk/room-summary.ts'
import css from './ticks.module.css'

/** How far an own message has come. Each state has a sign and a word, never a colour alone. */
export function Ticks({ status, seen }: { status: ItemStatus; seen: boolean }) {
  const { t } = useLingui()
  if (status === 'failed') return <Tick Icon={CircleAlert} label={t`Not sent`} className={css.failed} />
  if (status !== 'sent') return <Tick Icon={Clock3} label={t`Waiting to be sent`} />
  return seen ? <Tick Icon={CheckCheck} label={t`Seen`} className={css.seen} /> : <Tick Icon={Check} label={t`Sent`} />
}

function Tick({ Icon, label, className }: { Icon: typeof Check; label: string; className?: string | undefined }) {
  return (
    <span className={`${css.tick} ${className ?? ''}`} role="img" aria-label={label} title={label}>
      <Icon aria-hidden />
    </span>
  )
}
