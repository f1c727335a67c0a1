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
  const byPath = Map.groupBy(routes, ({ endpoint }) => endpoint.path)
  const routers = harmonious([...byPath.keys()]).map((paths) => {
    const router = new RegExpRouter<ReadonlyMap<string, Route>>()
    for (const path of paths) {
      const byMethod = new Map(byPath.get(path)!.map((route) => [route.endpoint.method, route]))
      router.add('ALL', path.replace(/\{(\w+)\}/g, ':$1'), byMethod)
    }
    return router
  })
  return (method, path) => {
    for (const router of routers) {
      const [matches, values] = router.match('ALL', path)
      const first = matches[0]
      if (first === undefined) continue
      const [byMethod, places] = first
      return {
        route: byMethod.get(method === 'HEAD' ? 'GET' : method),
        params: paramsAt(places as ParamIndexMap, values!),
      }
    }
    return undefined
  }
}

/**
 * The router takes no two paths of which one has a name where the other has a parameter (`tokens/new`, `tokens/{token}`): they go into
 * different ones, which are asked in turn. The fewer parameters, the earlier: a name goes before a parameter.
 */
function harmonious(paths: readonly string[]): string[][] {
  const groups: string[][] = []
  for (const path of paths.toSorted((a, b) => a.split('{').length - b.split('{').length)) {
    const group = groups.find((others) => !others.some((other) => clash(path, other)))
    if (group) group.push(path)
    else groups.push([path])
  }
  return groups
}

function clash(one: string, other: string): boolean {
  const [a, b] = [one.split('/'), other.split('/')]
  const differs = a.findIndex((segment, i) => segment !== b[i])
  return [a, b].filter((segments) => segments[differs]?.startsWith('{')).length === 1 && differs < b.length
}

function paramsAt(places: ParamIndexMap, values: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {}
  for (const name in places) params[name] = values[places[name]!]!
  return params
}
