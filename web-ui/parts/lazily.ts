import { lazy } from 'react'
import type { ComponentType } from 'react'

const fetchers: (() => Promise<unknown>)[] = []

/** A component whose code is fetched when it is first shown, or when the page has time for it: see `fetchTheRest`. */
export function lazily<Props extends object>(fetchComponent: () => Promise<ComponentType<Props>>) {
  fetchers.push(fetchComponent)
  return lazy(async () => ({ default: await fetchComponent() }))
}

/** Fetches all that is left, one after the other, so that nothing is missing when the home is out of reach later. */
export async function fetchTheRest(): Promise<void> {
  try {
    for (const fetchComponent of fetchers) await fetchComponent()
  } catch (error) {
    console.info('The rest comes when it is shown', error)
  }
}
