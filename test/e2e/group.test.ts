import { expect, test } from 'vitest'
import { desktop, phone, shot, useStage } from './stage.ts'
import { arrived, button, chatRow, link, logIn, message, patience, sees, timeline, write } from './steps.ts'

const stage = useStage()

test('a group is made, renamed, declined, left, and somebody is taken out', { timeout: 60_000 }, async () => {
  for (const name of ['ayse', 'olga', 'ion']) await stage.node.addPerson(name)
  const ayse = await stage.open('/', { size: desktop })
  const olga = await stage.open('/', { size: phone })
  const ion = await stage.open('/', { size: desktop })
  await Promise.all([logIn(ayse, 'ayse'), logIn(olga, 'olga'), logIn(ion, 'ion')])

  await link(ayse, 'New chat').click()
  await button(ayse, 'New group').click()
  await button(ayse, 'Create group').click()
  await sees(ayse.getByText('A group needs a name.'))
  await ayse.getByLabel('Group name').fill('Sunday')
  for (const name of ['olga', 'ion']) {
    await ayse.getByRole('searchbox', { name: 'Search people by name' }).fill(name)
    await button(ayse, new RegExp(`^${name}`)).click()
    await sees(button(ayse, `Drop ${name}`))
  }
  await button(ayse, 'Create group').click()
  await ayse.getByRole('heading', { name: 'Sunday' }).waitFor()

  await sees(olga.getByText('ayse invites you to this group'))
  await button(olga.getByRole('region', { name: 'Sunday' }), 'Accept').click()
  await timeline(olga).waitFor()
  await button(ion.getByRole('region', { name: 'Sunday' }), 'Decline').click()
  await sees(ion.getByRole('region', { name: 'Sunday' }), 0)
  await sees(ayse.getByText('2 people'))

  await write(ayse, 'Who brings the cake?')
  await sees(message(olga, 'Who brings the cake?'))
  await write(olga, 'Me!')
  await sees(message(ayse, 'Me!'))

  await button(ayse, 'Chat menu').click()
  await ayse.getByRole('menuitem', { name: 'Rename group' }).click()
  await ayse.getByLabel('Group name').fill('Sunday lunch')
  await button(ayse, 'Save').click()
  await sees(olga.getByRole('heading', { name: 'Sunday lunch' }))
  await sees(chatRow(ayse, 'Sunday lunch'))

  await button(ayse, 'Chat menu').click()
  await ayse.getByRole('menuitem', { name: 'Add people' }).click()
  const dialog = ayse.getByRole('dialog', { name: 'Add people' })
  await dialog.getByRole('searchbox').fill('ion')
  await button(dialog, /^ion/).click()
  await button(dialog, 'Invite').click()
  await sees(dialog, 0)
  await button(ion.getByRole('region', { name: 'Sunday lunch' }), 'Accept').click()
  await sees(ayse.getByText('3 people').first())

  await link(ayse, /^Sunday lunch 3 people/).click()
  const details = ayse.getByRole('complementary', { name: 'Chat details' })
  await expect
    .poll(() => details.getByRole('listitem').allInnerTexts(), patience)
    .toEqual([
      expect.stringMatching(/ayse[\s\S]*Owner/),
      expect.stringContaining('ion'),
      expect.stringContaining('olga'),
    ])
  await shot(ayse, 'group-details-desktop')

  await button(details, 'What to do with ion').click()
  await ayse.getByRole('menuitem', { name: 'Remove from group' }).click()
  await button(ayse.getByRole('dialog'), 'Remove from group').click()
  await sees(details.getByRole('listitem'), 2)
  await sees(ion.getByRole('heading', { name: 'You are not in this chat' }))
  await sees(chatRow(ion, 'Sunday lunch'), 0)

  await button(olga, 'Chat menu').click()
  await olga.getByRole('menuitem', { name: 'Leave chat' }).click()
  await button(olga.getByRole('dialog'), 'Leave chat').click()
  await arrived(olga)
  await sees(chatRow(olga, 'Sunday lunch'), 0)
  await sees(details.getByRole('listitem'), 1)
  await sees(timeline(ayse).getByText(/olga left/))
})
