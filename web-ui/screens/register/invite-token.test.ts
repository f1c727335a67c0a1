import { expect, test } from 'vitest'
import { inviteTokenOf } from './invite-token.ts'

test.each([
  ['https://home.example/invite/Ab3_x-9', 'Ab3_x-9'],
  [' http://192.168.1.4:8008/invite/Ab3_x-9?from=mail ', 'Ab3_x-9'],
  ['Ab3_x-9', 'Ab3_x-9'],
  ['come in: https://home.example/invite/tok.en~1', 'tok.en~1'],
])('%s holds the token %s', (pasted, token) => {
  expect(inviteTokenOf(pasted)).toBe(token)
})

test.each(['', 'hello there', 'https://home.example/', 'abc'])('%s holds none', (pasted) => {
  expect(inviteTokenOf(pasted)).toBe(undefined)
})
