import type { sync } from '#spec/api/client/sync.ts'
import { parseToken } from '#node/rooms/room-view.ts'
import type { Deps } from '#node/deps.ts'
import type { Call } from '#node/http/route.ts'
import { connect } from '#node/presence/come-and-go.ts'
import { buildAnswer, type Answer } from './build-answer.ts'
import { knownTo } from './known-members.ts'
import { resolveFilter, type Reader, type StateKey } from './reader.ts'
import { waitForNews } from './wait-for-news.ts'

/** Answers one call of /sync with the text of its body. */
export async function answerSync(deps: Deps, { identity, query, signal }: Call<typeof sync>): Promise<string> {
  const since = query.since === undefined ? undefined : parseToken(query.since)
  const { known, answered } = knownTo(deps, identity, query.full_state ? undefined : query.since)
  const reader: Reader = {
    userId: identity.userId,
    deviceId: identity.deviceId,
    filter: await resolveFilter(deps, identity.userId, query.filter),
    stateKeys: stateKeysOf(query),
    known,
  }
  const disconnect = connect(deps, identity, query.set_presence ?? 'online')
  const answer = await readAnswer(deps, reader, since, { identity, query, signal }).finally(disconnect)
  answered(`s${answer.head}`)
  return answer.text
}

const readAnswer = (
  deps: Deps,
  reader: Reader,
  since: number | undefined,
  { identity, query, signal }: Pick<Call<typeof sync>, 'identity' | 'query' | 'signal'>,
): Promise<Answer> =>
  since === undefined || query.full_state
    ? buildAnswer(deps, reader, since, { fullState: query.full_state ?? false })
    : waitForNews(deps, reader, since, { timeoutMs: query.timeout ?? 0, signal, identity })

function stateKeysOf(query: Call<typeof sync>['query']): StateKey[] {
  const keys: StateKey[] = []
  if (query.use_state_after) keys.push('state_after')
  if (query['org.matrix.msc4222.use_state_after']) keys.push('org.matrix.msc4222.state_after')
  return keys.length > 0 ? keys : ['state']
}
