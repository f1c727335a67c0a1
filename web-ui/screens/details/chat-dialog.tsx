import { Suspense } from 'react'
import type { Room } from '#client-sdk/room.ts'
import { lazily } from '../../parts/lazily.ts'

export type ChatDialogName = 'invite' | 'rename'

const dialogs = {
  invite: lazily(async () => (await import('./add-people-dialog.tsx')).AddPeopleDialog),
  rename: lazily(async () => (await import('./rename-dialog.tsx')).RenameDialog),
}

/** The dialogs that chat commands open, from the header and from the details alike. */
export function ChatDialog({ name, room, onClose }: { name: ChatDialogName; room: Room; onClose: () => void }) {
  const Content = dialogs[name]
  return (
    <Suspense fallback={null}>
      <Content room={room} onClose={onClose} />
    </Suspense>
  )
}
