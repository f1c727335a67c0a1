import { useLingui } from '@lingui/react/macro'
import { useEffect } from 'react'
import { useLocation } from 'wouter'
import { useClient } from '../../client-context.ts'
import { paths, placeOf } from '../../routes.ts'
import { chatName } from '../chat-name.ts'
import { chatList, neighbour } from '../chats/model.ts'

/** Ctrl or ⌘ K: whom to write to. Alt and arrows: the chat above or below, with Shift the next unread one. Esc: close the details. */
export function useShortcuts(): void {
  const client = useClient()
  const { i18n } = useLingui()
  const [path, go] = useLocation()

  useEffect(() => {
    const place = placeOf(path)
    const open = place.pane === 'chat' ? place.roomId : undefined
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector('dialog[open]')) return
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        go(paths.newChat)
      } else if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
        event.preventDefault()
        const { chats } = chatList(client.rooms.get(), '', (room) => chatName(i18n, room))
        const next = neighbour(chats, open, event.key === 'ArrowDown' ? 1 : -1, event.shiftKey)
        if (next) go(paths.chat(next.roomId))
      } else if (event.key === 'Escape' && place.pane === 'chat' && place.details) {
        go(paths.chat(place.roomId))
      }
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [client, i18n, path, go])
}
