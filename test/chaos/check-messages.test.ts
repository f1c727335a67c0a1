import { expect, test } from 'vitest'
import { checkMessages, cleanVerdict, type FoundMessage } from './check-messages.ts'
import type { Message } from './ledger.ts'

const sender = '@a:b'
const roomId = '!r'
const acknowledged: Message = { sender, roomId, txnId: 'one', eventId: '$1' }
const unanswered: Message = { sender, roomId, txnId: 'two', eventId: undefined }
const found = (txnId: string, eventId: string): FoundMessage => ({ sender, roomId, txnId, eventId })

function judge(...stored: FoundMessage[]) {
  const verdict = cleanVerdict()
  checkMessages('here', [acknowledged, unanswered], stored, verdict)
  const names = (messages: Set<Message>) => [...messages].map(({ txnId }) => txnId)
  const { lost, doubled, renamed, broken } = verdict
  return { lost: names(lost), doubled: names(doubled), renamed: names(renamed), broken: broken.length }
}

const clean = { lost: [], doubled: [], renamed: [], broken: 0 }

test('an acknowledged message is there once; one without an answer may be there or not', () => {
  expect(judge(found('one', '$1'))).toEqual(clean)
  expect(judge(found('one', '$1'), found('two', '$2'))).toEqual(clean)
})

test('an acknowledged message that is missing is lost', () => {
  expect(judge(found('two', '$2'))).toEqual({ ...clean, lost: ['one'] })
  expect(judge({ ...found('one', '$1'), roomId: '!other' })).toEqual({ ...clean, lost: ['one'], broken: 1 })
})

test('a message that is there twice is doubled, whether acknowledged or not', () => {
  expect(judge(found('one', '$1'), found('one', '$3'))).toEqual({ ...clean, doubled: ['one'] })
  expect(judge(found('one', '$1'), found('two', '$2'), found('two', '$3'))).toEqual({ ...clean, doubled: ['two'] })
})

test('an acknowledged message under another id is renamed', () => {
  expect(judge(found('one', '$9'))).toEqual({ ...clean, renamed: ['one'] })
})

test('a message that nobody sent is out of place', () => {
  expect(judge(found('one', '$1'), found('three', '$4'))).toEqual({ ...clean, broken: 1 })
})
