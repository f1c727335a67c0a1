import { getMessages } from '#spec/api/client/events.ts'
import type { ClientEvent } from '#spec/api/client/client-event.ts'
import type { RoomId } from '#spec/ids.ts'
import { callEndpoint } from '#client-sdk/call.ts'
import { globalPlatform } from '#client-sdk/platform.ts'

/** A room's whole history as a member pages through it, the oldest first. */
export async function readTimeline(baseUrl: string, accessToken: string, roomId: RoomId): Promise<ClientEvent[]> {
  const events: ClientEvent[] = []
  let from: string | undefined
  do {
    const query = { dir: 'b' as const, limit: '1000', ...(from !== undefined && { from }) }
    const page = await callEndpoint(
      globalPlatform,
      baseUrl,
      getMessages,
      { params: { roomId }, query },
      { accessToken },
    )
    events.push(...page.chunk)
    from = page.end
  } while (from !== undefined)
  return events.toReversed()
}
