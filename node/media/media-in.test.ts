import { expect, test } from 'vitest'
import { mediaIn } from './media-in.ts'

const named = (content: Record<string, unknown>, type = 'm.room.message') =>
  mediaIn({ type, content: content as never }, 'here').map(({ mediaId, isOwn }) => `${mediaId}${isOwn ? ' own' : ''}`)

test.each<[string, Record<string, unknown>, string[]]>([
  ['a picture', { url: 'mxc://here/a', info: { thumbnail_url: 'mxc://here/b' } }, ['a own', 'b own']],
  [
    'one that is encrypted',
    { file: { url: 'mxc://here/a' }, info: { thumbnail_file: { url: 'mxc://here/b' } } },
    ['a own', 'b own'],
  ],
  ['one of another server', { url: 'mxc://there/a' }, []],
  [
    'an emoji in a text',
    { formatted_body: '<img src="mxc://here/a" alt="x"> and <img src=\'mxc://here/b\'>' },
    ['a', 'b'],
  ],
  ['a pack of stickers', { images: { one: { url: 'mxc://here/a' }, two: { url: 'mxc://here/b' } } }, ['a', 'b']],
  ['a list', { a: [[['mxc://here/a']]] }, ['a']],
  [
    'what only looks like one',
    { url: 'https://here/a', body: 'mxc://here', name: 'mxc://here/', x: 'mxc:/here/a' },
    [],
  ],
  ['values of other types', { url: 7, file: null, info: [1, null, true], a: {} }, []],
  ['the name of a property of all objects', { file: 'mxc://here/__proto__' }, ['__proto__']],
])('%s', (_, content, expected) => {
  expect(named(content).toSorted()).toEqual(expected)
})

test('nothing is looked for where nothing can be read', () => {
  expect(named({ ciphertext: 'mxc://here/a' }, 'm.room.encrypted')).toEqual([])
  expect(named({ 'm.relates_to': { key: 'mxc://here/a' } }, 'm.reaction')).toEqual([])
})

test('events that name without end, or lie deep, cost little', () => {
  const many = Array.from({ length: 4_000 }, (_, n) => `mxc://here/${n}`)
  expect(named({ many })).toHaveLength(500)
  let deep: unknown = 'mxc://here/a'
  for (let level = 0; level < 90; level++) deep = [deep]
  expect(named({ deep })).toEqual(['a'])
})
