import { expect, test } from 'vitest'
import { openFrontDoor } from './front-door.ts'
import { desktop, phone, shot, useStage } from './stage.ts'
import { button, composer, logIn, message, patience, sees, startChat, texts, tick, write } from './steps.ts'

const stage = useStage()

test('what is written while the home is away is kept, and arrives once and in order', { timeout: 60_000 }, async () => {
  // First nobody answers, and then a proxy says that nobody does.
  stage.expectProblem(
    /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_SOCKET_NOT_CONNECTED|ERR_EMPTY_RESPONSE|WebSocket connection to|^answer: 502/,
  )
  for (const name of ['ayse', 'olga']) await stage.node.addPerson(name)
  const ayse = await stage.open('/', { size: phone })
  const olga = await stage.open('/', { size: desktop })
  await Promise.all([logIn(ayse, 'ayse'), logIn(olga, 'olga')])
  await startChat(ayse, 'olga')
  await write(ayse, 'before the storm')
  await olga.getByRole('button', { name: 'Accept' }).click()
  await sees(message(olga, 'before the storm'))
  await write(olga, 'close the windows')
  await sees(message(ayse, 'close the windows'))

  await stage.node.goDown()
  await write(ayse, 'are you well?')
  await sees(tick(ayse, 'are you well?', 'Waiting to be sent'))

  const closeFrontDoor = await openFrontDoor(stage.node.baseUrl)
  await ayse.reload()
  await sees(tick(ayse, 'are you well?', 'Waiting to be sent'))
  expect(await texts(ayse)).toEqual(['before the storm', 'close the windows', 'are you well?'])
  await write(ayse, 'we are')
  await sees(tick(ayse, 'we are', 'Waiting to be sent'))
  await sees(ayse.getByRole('status').filter({ hasText: 'Your home is out of reach' }))
  await sees(button(ayse, 'Try now'))
  await shot(ayse, 'offline-phone')
  await ayse.reload()
  await sees(tick(ayse, 'we are', 'Waiting to be sent'))
  const all = ['before the storm', 'close the windows', 'are you well?', 'we are']
  expect(await texts(ayse)).toEqual(all)

  await closeFrontDoor()
  await stage.node.comeUp()
  await sees(message(olga, 'we are'))
  await sees(tick(ayse, 'are you well?', 'Seen'))
  await sees(tick(ayse, 'we are', 'Seen'))
  expect(await texts(ayse)).toEqual(all)
  expect(await texts(olga)).toEqual(all)
  await sees(ayse.getByText('Your home is out of reach'), 0)
})

test('words typed in the moment before a reload are there after it', { timeout: 60_000 }, async () => {
  for (const name of ['ion', 'maria']) await stage.node.addPerson(name)
  const ion = await stage.open('/', { size: desktop })
  await logIn(ion, 'ion')
  await startChat(ion, 'maria')
  await composer(ion).fill('Half a thought')
  await ion.reload()
  await expect.poll(() => composer(ion).inputValue(), patience).toBe('Half a thought')
  await button(ion, 'Send').click()
  await sees(tick(ion, 'Half a thought', 'Sent'))
  await ion.reload()
  await sees(message(ion, 'Half a thought'))
  expect(await composer(ion).inputValue()).toBe('')
})
