import { expect, test } from 'vitest'
import { desktop, phone, shot, useStage } from './stage.ts'
import {
  arrived,
  button,
  chatRow,
  composer,
  fillRegistration,
  message,
  openChat,
  patience,
  sees,
  startChat,
  texts,
  tick,
  timeline,
  write,
} from './steps.ts'

const stage = useStage({ HEARTH_REGISTRATION: 'invite' })

test('the first moves in, invites the second by link, and they talk', { timeout: 60_000 }, async () => {
  stage.expectProblem(/^answer: 400 GET \/_matrix\/client\/v3\/register\/available$/)

  const ayse = await stage.open(`/setup/${await stage.node.setupToken()}`, { size: desktop })
  await ayse.getByRole('heading', { name: 'Your home is ready' }).waitFor()
  await shot(ayse, 'set-up-desktop')
  await fillRegistration(ayse, 'Ayşe')
  await button(ayse, 'Move in').click()
  await arrived(ayse)

  await ayse.getByRole('link', { name: 'People' }).click()
  await button(ayse, 'Invite somebody with a link').click()
  const invitation = await ayse.getByRole('textbox', { name: 'Invite link' }).inputValue()
  expect(invitation).toMatch(new RegExp(`^${stage.node.baseUrl}/invite/\\S{20,}$`))
  await ayse.getByRole('img', { name: 'The invite link, to be scanned' }).waitFor()
  await shot(ayse, 'invite-link-desktop')
  await button(ayse, 'Close').click()

  const olga = await stage.open(invitation, { size: phone })
  await olga.getByRole('heading', { name: 'Ayşe invites you' }).waitFor()
  await fillRegistration(olga, 'Ayşe', 'short')
  await button(olga, 'Join').click()
  await sees(olga.getByText('Use at least 8 characters.'))
  await sees(olga.getByText('Somebody here already has this name.'))
  await shot(olga, 'register-mistake-phone')
  await fillRegistration(olga, 'Ольга')
  await sees(olga.getByText('Somebody here already has this name.'), 0)
  await sees(olga.getByText('You will log in as olga'))
  await button(olga, 'Join').click()
  await arrived(olga)

  await startChat(olga, 'Ayşe')
  const held = Promise.withResolvers<void>()
  await olga.route('**/send/**', (route) => held.promise.then(() => route.continue()))
  await write(olga, 'Мы доехали!')
  await sees(tick(olga, 'Мы доехали!', 'Waiting to be sent'))
  held.resolve()
  await sees(tick(olga, 'Мы доехали!', 'Sent'))

  await ayse.getByRole('link', { name: 'Chats' }).click()
  await button(ayse, 'Accept').click()
  await sees(message(ayse, 'Мы доехали!'))
  await sees(tick(olga, 'Мы доехали!', 'Seen'))

  await composer(ayse).pressSequentially('How wond')
  await sees(olga.getByText('typing…'))
  await composer(ayse).fill('How wonderful!')
  await composer(ayse).press('Enter')
  await sees(olga.getByText('typing…'), 0)
  await sees(message(olga, 'How wonderful!'))
  await sees(tick(ayse, 'How wonderful!', 'Seen'))
  expect(await texts(olga)).toEqual(['Мы доехали!', 'How wonderful!'])
  expect(await texts(ayse)).toEqual(['Мы доехали!', 'How wonderful!'])

  await button(olga, 'Back to your chats').click()
  await timeline(olga).waitFor({ state: 'detached' })
  await write(ayse, 'Soup at seven?')
  await write(ayse, 'And bread')
  await sees(chatRow(olga, 'Ayşe').getByRole('img', { name: '2 new messages' }))
  await sees(tick(ayse, 'And bread', 'Sent'))
  await openChat(olga, 'Ayşe')
  await sees(tick(ayse, 'And bread', 'Seen'))
  await button(olga, 'Back to your chats').click()
  await sees(chatRow(olga, 'Ayşe').getByRole('img', { name: /new message/ }), 0)
  await expect.poll(() => olga.title(), patience).toBe('Hearth')
})
