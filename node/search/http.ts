import { search } from '#spec/api/client/search.ts'
import { RawJson, route, type Route } from '#node/http/route.ts'
import { presentFound } from './present-found.ts'
import { searchEvents } from './search-events.ts'

export const routes: readonly Route[] = [
  route(search, async (deps, { identity, query, body }) => {
    const criteria = body.search_categories.room_events
    if (criteria === undefined) return { search_categories: {} }
    const found = await searchEvents(deps, identity.userId, criteria, query.next_batch)
    return new RawJson(await presentFound(deps, identity, criteria, found))
  }),
]
