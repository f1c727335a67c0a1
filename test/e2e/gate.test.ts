import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { goodPassword } from '#test/world-node.ts'
import { desktop, phone, shot, useStage } from './stage.ts'
import { arrived, button, fillRegistration, link, logIn, patience, sees } from './steps.ts'

const stage = useStage({ HEARTH_TERMS_URL: 'https://example.org/terms' })

/** The stores of the page that hold something. The count of writes, by which several tabs agree, is nobody's secret. */
const stored = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const asked = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.addEventListener('success', () => resolve(request.result))
        request.addEventListener('error', () => reject(request.error!))
      })
    const database = await asked(indexedDB.open('hearth'))
    const names = [...database.objectStoreNames]
    const keys = await Promise.all(
      names.map((name) => asked(database.transaction(name).objectStore(name).getAllKeys())),
    )
    database.close()
    return names.filter((_, at) => keys[at]!.some((key) => key !== 'version'))
  })

test('registering asks for the terms, and logging out leaves nothing behind', { timeout: 60_000 }, async () => {
  const page = await stage.open('/', { size: desktop })
  await page.getByRole('heading', { name: 'Welcome to Hearth' }).waitFor()
  await shot(page, 'welcome-desktop')
  await button(page, 'Create an account').click()
  await expect
    .poll(() => page.getByRole('link', { name: 'Terms of use' }).getAttribute('href'), patience)
    .toBe('https://example.org/terms')

  const field = page.getByLabel('Password', { exact: true })
  await fillRegistration(page, 'Ayşe Yılmaz')
  expect(await field.getAttribute('type')).toBe('password')
  await button(page, 'Show password').click()
  expect(await field.getAttribute('type')).toBe('text')
  expect(await field.inputValue()).toBe(goodPassword)
  await button(page, 'Hide password').click()
  await button(page, 'Create account').click()
  await sees(page.getByText('Please read and accept the terms to continue.'))
  await shot(page, 'register-terms-desktop')
  await page.getByRole('checkbox').check()
  await sees(page.getByText('Please read and accept the terms to continue.'), 0)
  await button(page, 'Create account').click()
  await arrived(page)
  expect(await stored(page)).toContain('account')

  await link(page, 'Me').click()
  await expect.poll(() => page.getByLabel('Name that others see').inputValue(), patience).toBe('Ayşe Yılmaz')
  await button(page, 'Log out').click()
  await button(page.getByRole('dialog'), 'Log out').click()
  await page.getByRole('heading', { name: 'Welcome to Hearth' }).waitFor()
  await expect.poll(() => stored(page), patience).toEqual([])
  await page.goto('/chat')
  await page.getByRole('heading', { name: 'Welcome to Hearth' }).waitFor()
})

test('a wrong password is said once, and the right one opens the door', { timeout: 60_000 }, async () => {
  stage.expectProblem(/^answer: 403 POST \/_matrix\/client\/v3\/login$/)
  const owner = await stage.node.client()
  await owner.register({ username: 'olga', password: goodPassword, acceptedTerms: true })
  const page = await stage.open('/login', { size: phone })
  await page.getByLabel('Name').fill('Olga')
  await page.getByLabel('Password', { exact: true }).fill('not this one')
  await button(page, 'Log in').click()
  const sentence = 'Name and password do not match. Check both and try again.'
  await expect.poll(() => page.getByRole('alert').allInnerTexts(), patience).toEqual([sentence])
  await shot(page, 'log-in-mistake-phone')
  expect(await page.getByLabel('Name').inputValue()).toBe('Olga')
  expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('')
  await page.getByLabel('Password', { exact: true }).fill(goodPassword)
  await page.getByLabel('Password', { exact: true }).press('Enter')
  await arrived(page)
})

test('a Turkish phone in the dark speaks Turkish in the dark, until told otherwise', { timeout: 60_000 }, async () => {
  const page = await stage.open('/', { size: phone, language: 'tr-TR', theme: 'dark' })
  const look = () =>
    page.evaluate(() => [
      document.documentElement.lang,
      getComputedStyle(document.documentElement).backgroundColor,
      document.documentElement.scrollWidth <= innerWidth,
    ])
  await page.getByRole('heading', { name: 'Hearth’e hoş geldiniz' }).waitFor()
  await expect.poll(look).toEqual(['tr', 'rgb(23, 20, 18)', true])
  await shot(page, 'welcome-phone-dark-tr')
  await button(page, 'Hesap oluştur').click()
  await page.getByLabel('Adınız').fill('İpek')
  await page.getByLabel('Parola', { exact: true }).fill('kısa')
  await button(page, 'Hesap oluştur').click()
  await sees(page.getByText('En az 8 karakter kullanın.'))
  await sees(page.getByText('Giriş adınız: ipek'))
  await shot(page, 'register-mistake-phone-dark-tr')
  await page.getByLabel('Parola', { exact: true }).fill('bahçede bir kedi')
  await page.getByRole('checkbox', { name: 'Kabul ediyorum: Kullanım koşulları' }).check()
  await button(page, 'Hesap oluştur').click()
  await page.getByRole('heading', { name: 'Sohbetler' }).waitFor()

  await link(page, 'Ben').click()
  await page.getByRole('heading', { name: 'Ben' }).waitFor()
  await shot(page, 'me-phone-dark-tr')
  await page.getByText('English', { exact: true }).click()
  await page.getByText('Light', { exact: true }).click()
  await page.getByRole('heading', { name: 'Me' }).waitFor()
  await expect.poll(look).toEqual(['en', 'rgb(251, 248, 244)', true])
  await page.reload()
  await page.getByRole('heading', { name: 'Me' }).waitFor()
  await expect.poll(look).toEqual(['en', 'rgb(251, 248, 244)', true])
  await button(page, 'Log out').click()
  await button(page.getByRole('dialog'), 'Log out').click()
  await page.getByRole('heading', { name: 'Welcome to Hearth' }).waitFor()
  await logIn(page, 'İpek', 'bahçede bir kedi')
})
