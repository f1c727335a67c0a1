import { Trans } from '@lingui/react/macro'
import { HearthMark } from '../../parts/hearth-mark.tsx'
import css from './no-chat.module.css'

/** What wide screens show while no chat is open. */
export function NoChat() {
  return (
    <div className={css.empty} aria-hidden>
      <HearthMark size={72} />
      <p>
        <Trans>Choose a chat, or start a new one.</Trans>
      </p>
    </div>
  )
}
