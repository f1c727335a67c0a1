import { RegExpRouter } from 'hono/router/reg-exp-router'
import type { ParamIndexMap } from 'hono/router'
import type { Route } from './route.ts'

/** What answers a path. */
export interface Match {
  /** Absent: the path is known, but not with this method. */
  readonly route: Route | undefined
  /** As they stand in the path, with their percent signs. */
  readonly params: Readonly<Record<string, string>>
}

/** Finds the route for a path as it was sent: whoever decodes or resolves some of it first takes `/a/../b` for `/b`. */
export type Matcher = (method: string, path: string) => Match | undefined

/** Throws if two paths have names of their own for a parameter in the same place. */
export function matcherOf(routes: readonly Route[]): Matcher {
  const router = new RegExpRouter<ReadonlyMap<string, Route>>()
  for (const [path, of] of Map.groupBy(routes, ({ endpoint }) => endpoint.path))
    router.add('ALL', path.replace(/\{(\w+)\}/g, ':$1'), new Map(of.map((route) => [route.endpoint.method, route])))
  return (method, path) => {
    const [matches, values] = router.match('ALL', path)
    const first = matches[0]
    if (first === undefined) return undefined
    const [byMethod, places] = first
    return {
      route: byMethod.get(method === 'HEAD' ? 'GET' : method),
      params: paramsAt(places as ParamIndexMap, values!),
    }
  }
}

function paramsAt(places: ParamIndexMap, values: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {}
  for (const name in places) params[name] = values[places[name]!]!
  return params
}
