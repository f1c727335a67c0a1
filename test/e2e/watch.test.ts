import { expect, test } from 'vitest'
import { useStage } from './stage.ts'

const stage = useStage()

/** The journeys fail on whatever goes wrong in a window. Here everything does. */

test('markup made of text is a violation', async () => {
  stage.expectProblem(/policy: require-trusted-types-for /)
  stage.expectProblem(/^console: .*TrustedHTML/)
  const page = await stage.open('/')
  const made = page.evaluate(() => (document.body.innerHTML = '<b>bold</b>'))
  await expect(made).rejects.toThrow(/TrustedHTML/)
})

test('a script, a style or a picture from elsewhere is a violation, and so is a call', async () => {
  for (const what of ['script-src', 'style-src', 'img-src', 'connect-src'])
    stage.expectProblem(new RegExp(`policy: ${what}`))
  stage.expectProblem(/^console: .*violates/)
  stage.expectProblem(/^elsewhere: https:\/\/elsewhere\.test\/x$/)
  const page = await stage.open('/')
  const failed = await page.evaluate(async () => {
    const add = (name: 'link' | 'img', attributes: Record<string, string>) =>
      new Promise<string>((resolve) => {
        const element = document.createElement(name)
        element.addEventListener('error', () => resolve(name))
        for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
        document.head.append(element)
      })
    const elsewhere = 'https://elsewhere.test/x'
    const loads = [
      add('link', { rel: 'stylesheet', href: elsewhere }),
      add('img', { src: elsewhere }),
      add('link', { rel: 'modulepreload', href: elsewhere }),
      fetch(elsewhere).catch(() => 'call'),
    ]
    return await Promise.all(loads)
  })
  expect(failed).toEqual(['link', 'img', 'link', 'call'])
})

test('a page from elsewhere is seen', async () => {
  stage.expectProblem(/^elsewhere: http:\/\/127\.0\.0\.1:9\//)
  const page = await stage.open('/')
  await expect(page.goto('http://127.0.0.1:9/')).rejects.toThrow()
})

test('an error that nobody catches is seen, and so are a refused call and a word on the console', async () => {
  stage.expectProblem(/^error: Error nobody catches this/)
  stage.expectProblem(/^answer: 401 GET \/_matrix\/client\/v3\/account\/whoami$/)
  stage.expectProblem(/^console: look here$/)
  const page = await stage.open('/')
  await page.evaluate(async () => {
    await fetch('/_matrix/client/v3/account/whoami')
    console.warn('look here')
    setTimeout(() => {
      throw new Error('nobody catches this')
    })
    await new Promise((resolve) => setTimeout(resolve))
  })
})
