import { expect, test } from 'vitest'
import type { JsonObject } from '#spec/json.ts'
import { relationOf } from './relation.ts'

const stated = (relation: unknown, more: object = {}, type = 'm.room.message', state_key?: string) =>
  relationOf({
    type,
    content: { ...more, 'm.relates_to': relation } as JsonObject,
    ...(state_key !== undefined && { state_key }),
  })
const about = { event_id: '$parent' }
const newContent = { 'm.new_content': { body: 'b' } }

test('a relation is a type and a parent, and a key for annotations', () => {
  expect(stated({ rel_type: 'm.thread', ...about })).toEqual({ type: 'm.thread', parent: '$parent' })
  expect(stated({ rel_type: 'org.example.any', ...about, key: 'k' })).toEqual({
    type: 'org.example.any',
    parent: '$parent',
  })
  expect(stated({ rel_type: 'm.annotation', ...about, key: '👍' })).toEqual({
    type: 'm.annotation',
    parent: '$parent',
    key: '👍',
  })
  expect(stated({ rel_type: 'm.annotation', ...about, key: 1 })).toEqual({ type: 'm.annotation', parent: '$parent' })
})

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a text', 'm.thread'],
  ['a list', [{ rel_type: 'm.thread', ...about }]],
  ['a reply', { 'm.in_reply_to': about }],
  ['no type', about],
  ['an empty type', { rel_type: '', ...about }],
  ['a type that is no text', { rel_type: { a: 1 }, ...about }],
  ['a long type', { rel_type: 'é'.repeat(128), ...about }],
  ['no parent', { rel_type: 'm.thread' }],
  ['a parent that is no event id', { rel_type: 'm.thread', event_id: 'parent' }],
  ['a long parent', { rel_type: 'm.thread', event_id: `$${'a'.repeat(255)}` }],
  ['a replacement by nothing', { rel_type: 'm.replace', ...about }],
])('%s is no relation', (_, relation) => {
  expect(stated(relation)).toBeUndefined()
})

test('a replacement brings new content, unless that is encrypted, and is not state', () => {
  const replace = { rel_type: 'm.replace', ...about }
  expect(stated(replace, newContent)).toEqual({ type: 'm.replace', parent: '$parent' })
  expect(stated(replace, {}, 'm.room.encrypted')).toEqual({ type: 'm.replace', parent: '$parent' })
  expect(stated(replace, { 'm.new_content': 'b' })).toBeUndefined()
  expect(stated(replace, newContent, 'm.room.topic', '')).toBeUndefined()
})

test('what only stands in a prototype is not stated', () => {
  const content = Object.create({ 'm.relates_to': { rel_type: 'm.thread', ...about } }) as JsonObject
  expect(relationOf({ type: 'm.room.message', content })).toBeUndefined()
})
