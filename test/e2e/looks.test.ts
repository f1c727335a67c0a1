import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import type { Client } from '#client-sdk/client.ts'
import type { RoomId } from '#spec/ids.ts'
import { when } from '#test/when.ts'
import { goodPassword } from '#test/world-node.ts'
import { desktop, phone, shot, useStage, type Look } from './stage.ts'
import { patience } from './steps.ts'

/** The same evening on every kind of screen: nothing may be cut off, whatever the size, the language and the theme. */

const stage = useStage()

const tablet = { width: 834, height: 1112 }
const small = { width: 320, height: 568 }

beforeAll(async () => {
  const [ayse, olga, ion] = await Promise.all(
    [
      ['ayse', 'Ayşe Yılmaz'],
      ['olga', 'Ольга'],
      ['ion', 'Ion Țurcanu'],
    ].map(async ([username, name]) => {
      const client = await stage.node.addPerson(username!)
      await client.setDisplayName(name!)
      return client
    }),
  )
  await familyGroup(ayse!, [olga!, ion!])
  await chatOfTwo(ayse!, olga!)
}, 30_000)

const idOf = (client: Client) => client.session.get()!.userId
const saySoon = async (client: Client, roomId: RoomId, body: string) => {
  const txnId = await client.room(roomId).sendText(body)
  await when(client.outbox, (items) => items.every((item) => item.txnId !== txnId))
}

async function familyGroup(ayse: Client, others: readonly Client[]): Promise<void> {
  const roomId = await ayse.createGroup({ name: 'Pazar kahvaltısı · Sunday breakfast', invitees: others.map(idOf) })
  for (const client of others) {
    await when(client.rooms, (rooms) => rooms.some((room) => room.roomId === roomId))
    await client.room(roomId).join()
  }
  await saySoon(
    others[1]!,
    roomId,
    'I bring the cheese. https://example.org/a/very/long/address/that/does/not/break/anywhere/at/all',
  )
  await saySoon(others[0]!, roomId, '🥐🍯')
}

async function chatOfTwo(ayse: Client, olga: Client): Promise<void> {
  const roomId = await ayse.createDirectChat(idOf(olga))
  await when(olga.rooms, (rooms) => rooms.some((room) => room.roomId === roomId))
  await olga.room(roomId).join()
  await saySoon(olga, roomId, 'Мы доехали! Дорога была долгой, но дети спали.')
  await saySoon(ayse, roomId, 'Çok sevindim. Çorba hazır, sizi bekliyoruz.')
  await saySoon(
    ayse,
    roomId,
    'Seven o’clock, or is that too early for the little ones? We can also wait until half past, nobody is in a hurry.',
  )
  await saySoon(olga, roomId, 'В семь!')
  await olga.room(roomId).markRead()
}

const looks: readonly (readonly [string, Look])[] = [
  ['phone-light-en', { size: phone, theme: 'light', language: 'en-GB' }],
  ['phone-dark-tr', { size: phone, theme: 'dark', language: 'tr-TR' }],
  ['desktop-light-tr', { size: desktop, theme: 'light', language: 'tr-TR' }],
  ['desktop-dark-en', { size: desktop, theme: 'dark', language: 'en-GB' }],
  ['tablet-light-en', { size: tablet, theme: 'light', language: 'en-GB' }],
  ['small-light-tr', { size: small, theme: 'light', language: 'tr-TR' }],
]

test.each(looks)('%s: log in, list, chat, details', { timeout: 60_000 }, async (name, look) => {
  const page = await stage.open('/login', look)
  const cutOff = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  const picture = async (what: string) => {
    await expect.poll(cutOff, { ...patience, message: what }).toBeLessThanOrEqual(0)
    await shot(page, `${what}-${name}`)
  }
  const isTurkish = look.language === 'tr-TR'
  await page.locator('input[name=username]').fill('ayse')
  await page.locator('input[name=password]').fill(goodPassword)
  await picture('log-in')
  await page.locator('button[type=submit]').click()
  const chat = page.locator('a[href^="/chat/"]').filter({ hasText: 'Ольга', hasNotText: 'Pazar' })
  await chat.waitFor()
  await picture('chats')
  await chat.click()
  await page.getByRole('article').last().waitFor()
  await page
    .getByRole('img', { name: isTurkish ? 'Görüldü' : 'Seen' })
    .first()
    .waitFor()
  await picture('chat')
  await page.goto('/new')
  await page.getByRole('searchbox', { name: isTurkish ? 'Adıyla kişi ara' : 'Search people by name' }).fill('i')
  await page.getByText('Ion Țurcanu').first().waitFor()
  await picture('new-chat')
  await page.goto('/chat')
  await page.locator('a[href^="/chat/"]').filter({ hasText: 'Pazar' }).click()
  await page.getByRole('article').last().waitFor()
  await picture('group')
  await page.locator('a[href$="/details"]').click()
  await page.getByRole('listitem').filter({ hasText: 'Ion Țurcanu' }).waitFor()
  await picture('group-details')
  if ((look.size ?? desktop).width >= 1024) expect(await coveredByDetails(page)).toBe(0)
  await page.goto('/me')
  await page.locator('input[name=nickname]').waitFor()
  await picture('me')
})

/** How much of the chat lies under its details, in pixels. */
async function coveredByDetails(page: Page): Promise<number> {
  const chat = (await page.getByRole('main').boundingBox())!
  const details = (await page.getByRole('complementary').boundingBox())!
  return Math.max(0, chat.x + chat.width - details.x)
}
