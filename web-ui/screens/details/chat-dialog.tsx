import { lazy, Suspense } from 'react'
import type { Room } from '#client-sdk/room.ts'

export type ChatDialogName = 'invite' | 'rename'

const dialogs = {
  invite: lazy(async () => ({ default: (await import('./add-people-dialog.tsx')).AddPeopleDialog })),
  rename: lazy(async () => ({ default: (await import('./rename-dialog.tsx')).RenameDialog })),
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
