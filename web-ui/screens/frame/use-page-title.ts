import { useLingui } from '@lingui/react/macro'
import { useEffect } from 'react'
import { useClient } from '../../client-context.ts'
import { useSignal } from '../../parts/use-signal.ts'
import type { Place } from '../../routes.ts'
import { chatName } from '../chat-name.ts'

/** The name of the page: how many chats have something new, which one is open. */
export function usePageTitle(place: Place): void {
  const { i18n } = useLingui()
  const rooms = useSignal(useClient().rooms)
  const open = place.pane === 'chat' ? rooms.find((room) => room.roomId === place.roomId) : undefined
  const waiting = rooms.filter((room) => room.unreadCount > 0 || room.membership === 'invite').length
  const title = `${waiting > 0 ? `(${waiting}) ` : ''}${open ? `${chatName(i18n, open)} · ` : ''}Hearth`

  useEffect(() => {
    document.title = title
    return () => void (document.title = 'Hearth')
  }, [title])
}
