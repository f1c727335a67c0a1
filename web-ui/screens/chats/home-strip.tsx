import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { RefreshCw } from 'lucide-react'
import { useClient } from '../../client-context.ts'
import { IconButton } from '../../parts/icon-button.tsx'
import { useSignal } from '../../parts/use-signal.ts'
import css from './home-strip.module.css'

/** How the home is reached. It says nothing while everything is well. */
export function HomeStrip() {
  const { t } = useLingui()
  const client = useClient()
  const status = useSignal(client.status)
  const waiting = useSignal(client.outbox).filter(
    (item) => item.status === 'queued' || item.status === 'sending',
  ).length
  const away = status === 'offline'
  return (
    <div role="status" className={css.region}>
      {away && (
        <div className={css.strip}>
          <span className={css.dot} aria-hidden />
          <span className={css.text}>
            <strong>
              <Trans>Your home is out of reach</Trans>
            </strong>
            <span>
              {waiting === 0 ? (
                <Trans>What you write is kept here and sent later.</Trans>
              ) : (
                <Plural
                  value={waiting}
                  one="# message waits here and is sent later."
                  other="# messages wait here and are sent later."
                />
              )}
            </span>
          </span>
          <IconButton label={t`Try now`} onClick={() => client.reconnect()}>
            <RefreshCw aria-hidden />
          </IconButton>
        </div>
      )}
    </div>
  )
}
