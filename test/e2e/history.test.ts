import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { sendEvent } from '#spec/api/client/events.ts'
import type { RoomId } from '#spec/ids.ts'
import { when } from '#test/when.ts'
import { desktop, phone, useStage } from './stage.ts'
import { button, logIn, message, openChat, patience, sees, texts, timeline } from './steps.ts'

const stage = useStage()
const count = 300

/** A chat of two people with a long history, which both have read. */
async function longHistory(one: string, other: string): Promise<void> {
  const [olga, ayse] = [await stage.node.addPerson(one), await stage.node.addPerson(other)]
  const roomId: RoomId = await olga.createDirectChat(ayse.session.get()!.userId)
  await when(ayse.rooms, (rooms) => rooms.some((room) => room.roomId === roomId))
  await ayse.room(roomId).join()
  for (let n = 1; n <= count; n++) {
    // Of all lengths, so that no height can be guessed from another.
    const body = { msgtype: 'm.text', body: `message ${n}.${' and so on'.repeat((n * 7) % 23)}` }
    const params = { roomId, eventType: 'm.room.message', txnId: String(n) }
    await (n % 3 === 0 ? ayse : olga).call(sendEvent, { params, body })
  }
  for (const client of [olga, ayse]) {
    const { summary } = client.room(roomId)
    await when(summary, ({ lastMessage }) => lastMessage?.content['body']?.toString().startsWith(`message ${count}.`))
    await client.room(roomId).markRead()
    await when(summary, ({ unreadCount }) => unreadCount === 0)
  }
}

/** Older messages take a moment, so that they come while nobody scrolls. */
async function slowHistory(page: Page): Promise<void> {
  await page.route('**/messages?*', (route) => void setTimeout(() => void route.continue(), 100))
}

interface Step {
  /** How far the message in the middle of the window moved while nobody scrolled, at most, in pixels. */
  readonly drift: number
  /** Whether older messages came meanwhile. */
  readonly came: boolean
  /** The messages in the page. */
  readonly labels: readonly (string | null)[]
}

/** Scrolls up by a screen, and then keeps still until everything has come and has its place. */
const stepUp = (page: Page): Promise<Step> =>
  timeline(page).evaluate(async (scroller) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
    const rows = () => [...scroller.querySelectorAll('article')]
    const middle = scroller.getBoundingClientRect().top + scroller.clientHeight / 2
    const distance = (row: Element) => Math.abs(row.getBoundingClientRect().top - middle)
    // A row stays hidden until it is measured: the reader sees none of them before all in sight have their place.
    const isDrawn = () =>
      rows().some((row) => distance(row) < scroller.clientHeight / 2) &&
      rows().every((row) => getComputedStyle(row).visibility === 'visible')
    scroller.scrollTop -= scroller.clientHeight
    await frame()
    do await frame()
    while (!isDrawn())
    const anchor = rows().reduce((best, row) => (distance(row) < distance(best) ? row : best)).ariaLabel
    const place = () =>
      rows()
        .find((row) => row.ariaLabel === anchor)
        ?.getBoundingClientRect().top ?? Infinity
    const [place0, top0] = [place(), scroller.scrollTop]
    let drift = 0
    for (let still = 0, height = 0; still < 4;) {
      await frame()
      drift = Math.max(drift, Math.abs(place() - place0))
      still = scroller.ariaBusy === 'true' || scroller.scrollHeight !== height ? 0 : still + 1
      height = scroller.scrollHeight
    }
    const came = scroller.scrollTop - top0 > scroller.clientHeight
    return { drift, came, labels: rows().map((row) => row.ariaLabel) }
  })

test.each([
  ['a desktop', desktop],
  ['a phone', phone],
])('on %s, scrolling up brings the whole history and moves nothing', { timeout: 60_000 }, async (name, size) => {
  const prefix = name.replace('a ', '')
  await longHistory(`${prefix}.olga`, `${prefix}.ayse`)
  const page = await stage.open('/', { size })
  await logIn(page, `${prefix}.ayse`)
  await slowHistory(page)
  await openChat(page, `${prefix}.olga`)
  await sees(message(page, `message ${count}.`))

  const steps: Step[] = []
  const newest = await texts(page)
  for (let n = 0; n < 100 && (await message(page, 'message 1.').count()) === 0; n++) steps.push(await stepUp(page))
  await sees(message(page, 'message 1.'))
  expect(steps.filter((step) => step.came).length).toBeGreaterThan(2)
  // Heights are fractions of pixels and scroll positions are not.
  expect(Math.max(...steps.map((step) => Math.round(step.drift)))).toBeLessThanOrEqual(1)
  const labels = [...newest, ...steps.flatMap((step) => step.labels)]
  const seen = new Set(labels.map((label) => /message (\d+)\./.exec(label ?? '')?.[1]))
  expect(seen.size).toBe(count)

  await button(page, 'Jump to the newest message').click()
  await sees(message(page, `message ${count}.`))
  const left = () => timeline(page).evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight)
  await expect.poll(left, patience).toBeLessThanOrEqual(1)
  await sees(button(page, 'Jump to the newest message'), 0)
})
