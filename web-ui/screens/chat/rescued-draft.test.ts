import { expect, test } from 'vitest'
import { keep, kept } from '../../parts/kept.ts'
import { dropDraftsOfOthers, rescuedDraft } from './rescued-draft.ts'

test('each person has one in each chat, and logging out leaves none', () => {
  const [soup, cake, others] = [
    rescuedDraft('@ayse:home', '!soup'),
    rescuedDraft('@ayse:home', '!cake'),
    rescuedDraft('@ayse:home.example', '!soup'),
  ]
  for (const [at, draft] of [soup, cake, others].entries()) draft.set(`words ${at}`)
  keep('theme', 'dark')
  expect([soup, cake, others].map((draft) => draft.get())).toEqual(['words 0', 'words 1', 'words 2'])
  cake.drop()
  expect([soup, cake, others].map((draft) => draft.get())).toEqual(['words 0', undefined, 'words 2'])
  dropDraftsOfOthers('@ayse:home')
  expect([soup, cake, others].map((draft) => draft.get())).toEqual(['words 0', undefined, undefined])
  dropDraftsOfOthers(undefined)
  expect(soup.get()).toBe(undefined)
  expect(kept('theme')).toBe('dark')
})
