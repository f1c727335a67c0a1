import { getCatalogs } from '@lingui/cli/api'
import { getConfig } from '@lingui/conf'
import { beforeAll, expect, test } from 'vitest'
import { linguiConfig } from '../lingui-macros.ts'

type Messages = Record<string, { message?: string | undefined; translation?: string | undefined }>

const read: Record<string, Messages> = {}
let inCode: Messages = {}

beforeAll(async () => {
  const [catalogue] = await getCatalogs(getConfig(linguiConfig))
  inCode = ((await catalogue!.collect()) ?? {}) as Messages
  for (const language of ['en', 'tr']) read[language] = ((await catalogue!.read(language)) ?? {}) as Messages
})

const translations = (language: string) =>
  Object.entries(read[language]!).map(([id, { translation = '' }]) => ({ text: inCode[id]?.message ?? id, translation }))
const places = (text: string) => [...text.matchAll(/\{\w+(?=[,}])|<\/?\d+\/?>/g)].map((found) => found[0]).sort()

test.each(['en', 'tr'])('the %s catalogue holds exactly the texts of the code', (language) => {
  expect(Object.keys(inCode).length).toBeGreaterThan(100)
  expect(Object.keys(read[language]!).toSorted()).toEqual(Object.keys(inCode).toSorted())
})

test.each(['en', 'tr'])('every text has its %s words, with the same places in them', (language) => {
  const wrong = translations(language).filter(
    ({ text, translation }) => translation === '' || String(places(translation)) !== String(places(text)),
  )
  expect(wrong).toEqual([])
})

// `{name}’e` would have to follow the vowels of the name; such sentences are turned so that the name stands bare.
test('no Turkish suffix hangs on a name or number', () => {
  const hanging = translations('tr').filter(({ translation }) => /(\}|#|<\/\d+>)['’]?\p{L}/u.test(translation))
  expect(hanging).toEqual([])
})
