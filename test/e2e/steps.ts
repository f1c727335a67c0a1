import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { goodPassword } from '#test/world-node.ts'

/** How long a journey waits for something to happen. */
export const patience = { timeout: 15_000, interval: 50 }

export const button = (page: Page | Locator, name: string | RegExp): Locator =>
  page.getByRole('button', { name, exact: true })
export const link = (page: Page | Locator, name: string | RegExp): Locator =>
  page.getByRole('link', { name, exact: true })

/** Waits until `find` finds as many as `count`. */
export const sees = (found: Locator, count = 1): Promise<void> => expect.poll(() => found.count(), patience).toBe(count)

export async function fillRegistration(page: Page, name: string, password = goodPassword): Promise<void> {
  await page.getByLabel('Your name').fill(name)
  await page.getByLabel('Password', { exact: true }).fill(password)
}

/** Logs in through the form, and waits for the list of chats. */
export async function logIn(page: Page, name: string, password = goodPassword): Promise<void> {
  await button(page, 'Log in').click()
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await button(page, 'Log in').click()
  await arrived(page)
}

export const arrived = (page: Page): Promise<void> => page.getByRole('heading', { name: 'Chats' }).waitFor()

/** Finds a person by name, and opens the chat with them. */
export async function startChat(page: Page, name: string): Promise<void> {
  await link(page, 'New chat').click()
  await page.getByRole('searchbox', { name: 'Search people by name' }).fill(name)
  await button(page, new RegExp(`^${name}`)).click()
  await composer(page).waitFor()
}

/** Opens a chat of the list. */
export const openChat = (page: Page, name: string): Promise<void> => chatRow(page, name).click()

/** The line of a chat in the list of chats. The head of an open chat leads to its details. */
export const chatRow = (page: Page, name: string): Locator =>
  page.locator('a[href^="/chat/"]:not([href$="/details"])').filter({ hasText: name })

export const composer = (page: Page): Locator => page.getByRole('textbox', { name: 'Message', exact: true })

export async function write(page: Page, text: string): Promise<void> {
  await composer(page).fill(text)
  await button(page, 'Send').click()
}

export const timeline = (page: Page): Locator => page.getByRole('log', { name: 'Messages' })

/** The messages of the open chat that hold this text. */
export const message = (page: Page, text: string): Locator =>
  timeline(page).getByRole('article').filter({ hasText: text })

/** How far an own message has come: `Waiting to be sent`, `Sent`, `Seen`. */
export const tick = (page: Page, text: string, state: string): Locator =>
  message(page, text).getByRole('img', { name: state, exact: true })

/** The texts of the messages that are in the page, in order. */
export const texts = (page: Page): Promise<string[]> =>
  timeline(page)
    .getByRole('article')
    .evaluateAll((articles) =>
      articles.map((article) => (article.getAttribute('aria-label') ?? '').replace(/^.*?\d[.:]\d\d(\s?[AP]M)?: /, '')),
    )
