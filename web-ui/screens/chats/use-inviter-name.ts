import { useEffect, useState } from 'react'
import type { RoomSummary } from '#client-sdk/room-summary.ts'
import type { UserId } from '#spec/ids.ts'
import { useClient } from '../../client-context.ts'
import { useSignal } from '../../parts/use-signal.ts'
import { callProblem } from '../call-problem.ts'
import { personName } from '../people-search/person-name.ts'

/** Who invites. An invitation need not say what that person is called; then the profile does. */
export function useInviterName({ roomId, inviter }: RoomSummary): string {
  const client = useClient()
  const room = client.room(roomId)
  useSignal(room.members)
  const member = inviter && room.member(inviter)
  const [fromProfile, setFromProfile] = useState<string>()
  const unnamed = inviter !== undefined && member?.displayName === undefined

  useEffect(() => {
    if (!unnamed) return
    const look = async (userId: UserId) => setFromProfile(personName(await client.profile(userId)))
    look(inviter).catch((error: unknown) => console.info('The inviter stays unnamed', callProblem(error)))
  }, [client, inviter, unnamed])

  return (unnamed ? fromProfile : undefined) ?? member?.name ?? ''
}
