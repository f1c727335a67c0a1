import { maxSearchContext, type SearchCriteria } from '#spec/api/client/search.ts'
import { avatarUrlOf, displayNameOf } from '#spec/room/content.ts'
import type { JsonObject } from '#spec/json.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { cutErased } from '#node/rooms/erased-events.ts'
import { presentEvents } from '#node/rooms/present-events.ts'
import { readSurroundings } from '#node/rooms/read-messages.ts'
import { findView } from '#node/rooms/room-view.ts'
import { readStateText } from '#node/rooms/read-state.ts'
import { readMemberEvents } from '#node/rooms/store.ts'
import { searchableText } from './searchable-text.ts'
import type { Found } from './search-events.ts'
import type { FoundEvent } from './store.ts'
import { highlightsIn } from './words.ts'

const mostHighlights = 100

/** The answer of a search, as JSON text. */
export async function presentFound(
  deps: Deps,
  reader: Identity,
  criteria: SearchCriteria,
  { matches, words, count, nextBatch }: Found,
): Promise<string> {
  const texts = await presentEvents(deps, reader, matches, { withRoomId: true })
  const results: string[] = []
  // One after the other: what surrounds many results is many reads, and others want to be answered too.
  for (const [index, event] of matches.entries()) {
    const context = criteria.event_context && (await contextText(deps, reader, event, criteria.event_context))
    results.push(`{"rank":${event.rank},"result":${texts[index]!}${context ? `,"context":${context}` : ''}}`)
  }
  const fields = [
    `"count":${count}`,
    `"highlights":${JSON.stringify(highlights(matches, words))}`,
    `"results":[${results.join(',')}]`,
    ...(criteria.include_state ? [`"state":${await stateTexts(deps, reader, matches)}`] : []),
    ...(criteria.groupings ? [`"groups":${JSON.stringify(groupsOf(criteria.groupings.group_by, matches))}`] : []),
    ...(nextBatch === undefined ? [] : [`"next_batch":${JSON.stringify(nextBatch)}`]),
  ]
  return `{"search_categories":{"room_events":{${fields.join(',')}}}}`
}

async function contextText(
  deps: Deps,
  reader: Identity,
  event: FoundEvent,
  wanted: NonNullable<SearchCriteria['event_context']>,
): Promise<string> {
  const sizes = {
    before: Math.min(wanted.before_limit, maxSearchContext),
    after: Math.min(wanted.after_limit, maxSearchContext),
  }
  const { text, senders } = await readSurroundings(deps, reader, event, sizes)
  if (!wanted.include_profile) return `{${text}}`
  return `{${text},"profile_info":${JSON.stringify(await profilesAt(deps, reader.userId, event, [...senders]))}}`
}

/** Who the senders were when the event was sent. */
async function profilesAt(deps: Deps, reader: UserId, { roomId, position }: FoundEvent, senders: readonly UserId[]) {
  const members = await readMemberEvents(deps.sql, roomId, senders, position)
  const cut = await cutErased(deps, reader, members)
  return Object.fromEntries(
    members.map(cut).map(({ stateKey, content }) => {
      const member = { content: JSON.parse(content) as JsonObject }
      const [displayname, avatarUrl] = [displayNameOf(member), avatarUrlOf(member)]
      return [stateKey!, { ...(displayname && { displayname }), ...(avatarUrl && { avatar_url: avatarUrl }) }]
    }),
  )
}

/** The state of each room, as far as the reader may look. */
async function stateTexts(deps: Deps, reader: Identity, matches: readonly FoundEvent[]): Promise<string> {
  const rooms = [...new Set<RoomId>(matches.map((event) => event.roomId))]
  const states = await Promise.all(
    rooms.map(async (roomId) =>
      (await findView(deps, reader.userId, roomId))
        ? [`${JSON.stringify(roomId)}:${await readStateText(deps, reader, roomId)}`]
        : [],
    ),
  )
  return `{${states.flat().join(',')}}`
}

function highlights(matches: readonly FoundEvent[], words: readonly string[]): string[] {
  const written = matches.flatMap((event) => {
    const found = searchableText({ ...event, content: event.sourceContent })
    return found ? highlightsIn(found.text, words) : []
  })
  return [...new Set(written)].slice(0, mostHighlights)
}

type GroupKey = 'room_id' | 'sender'

/** Groups come in the order of their best result. */
function groupsOf(keys: readonly { readonly key: GroupKey }[], matches: readonly FoundEvent[]) {
  const valueOf = (key: GroupKey, event: FoundEvent) => (key === 'room_id' ? event.roomId : event.sender)
  return Object.fromEntries(
    keys.map(({ key }) => {
      const groups = [...Map.groupBy(matches, (event) => valueOf(key, event))]
      const entries = groups.map(([value, events], order) => [value, { order, results: events.map((e) => e.eventId) }])
      return [key, Object.fromEntries(entries)]
    }),
  )
}
