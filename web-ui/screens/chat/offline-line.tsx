import { Trans } from '@lingui/react/macro'
import { useClient } from '../../client-context.ts'
import { useSignal } from '../../parts/use-signal.ts'
import css from './offline-line.module.css'

/** The home is out of reach: the same in one line, where the list of chats that says it is out of sight. */
export function OfflineLine() {
  const client = useClient()
  const status = useSignal(client.status)
  return (
    <div role="status" className={css.region}>
      {status === 'offline' && (
        <div className={css.line}>
          <span className={css.dot} aria-hidden />
          <span className={css.text}>
            <Trans>Your home is out of reach</Trans>
          </span>
          <button type="button" className={css.retry} onClick={() => client.reconnect()}>
            <Trans>Try now</Trans>
          </button>
        </div>
      )}
    </div>
  )
}
