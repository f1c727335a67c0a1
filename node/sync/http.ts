import { sync } from '#spec/api/client/sync.ts'
import { RawJson, route, type Route } from '#node/http/route.ts'
import { answerSync } from './sync.ts'

export const routes: readonly Route[] = [route(sync, async (deps, call) => new RawJson(await answerSync(deps, call)))]
