import { afterEach, expect, test, vi } from 'vitest'
import { globalPlatform } from './platform.ts'

afterEach(() => vi.unstubAllGlobals())

/** A page, and what happens to it. */
function openPage() {
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  const frame = new EventTarget()
  vi.stubGlobal('document', page)
  vi.stubGlobal('addEventListener', frame.addEventListener.bind(frame))
  vi.stubGlobal('removeEventListener', frame.removeEventListener.bind(frame))
  return {
    happens: (event: string) => frame.dispatchEvent(new Event(event)),
    becomes(state: 'visible' | 'hidden') {
      page.visibilityState = state
      page.dispatchEvent(new Event('visibilitychange'))
    },
  }
}

test('wakes when the machine is online and when the page is in focus or visible, not when it is hidden', () => {
  const page = openPage()
  const listener = vi.fn<() => void>()
  const end = globalPlatform.onWake(listener)
  page.becomes('hidden')
  expect([globalPlatform.isHidden(), listener.mock.calls.length]).toEqual([true, 0])
  page.becomes('visible')
  expect([globalPlatform.isHidden(), listener.mock.calls.length]).toEqual([false, 1])
  page.happens('focus')
  page.happens('online')
  expect(listener).toHaveBeenCalledTimes(3)
  end()
  page.happens('focus')
  page.happens('online')
  page.becomes('visible')
  expect(listener).toHaveBeenCalledTimes(3)
})

test('where there is no page, nothing is hidden and nothing wakes', () => {
  expect(globalPlatform.isHidden()).toBe(false)
  expect(() => globalPlatform.onWake(() => undefined)()).not.toThrow()
})
