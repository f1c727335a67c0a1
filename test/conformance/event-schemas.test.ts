import { expect, test } from 'vitest'
import { eventBreaches, eventsIn, readEventSchemas } from './event-schemas.ts'

const folder = process.env['MATRIX_SPEC_DIR']

const topic = { type: 'm.room.topic', state_key: '', content: { topic: 'Soup' } }
const sent = { ...topic, event_id: '$a', sender: '@a:b', origin_server_ts: 1, unsigned: {} }

test('events are found wherever they stand', () => {
  expect(eventsIn({ rooms: { a: [{ state: { events: [topic] } }] }, type: 'none', event: topic })).toEqual([
    topic,
    topic,
  ])
})

test.skipIf(!folder)('an event that breaks the schema of its type is found', () => {
  const schemas = readEventSchemas(folder!)
  const faults = (event: object) => eventBreaches(schemas, event as never)
  expect(faults(sent)).toEqual([])
  expect(faults(topic)).toEqual([])
  expect(faults({ ...sent, content: {} })).toEqual(['m.room.topic.content.topic is missing'])
  expect(faults({ ...topic, content: { topic: 1 } })).toEqual(['m.room.topic.content.topic is 1, not string'])
  expect(faults({ ...sent, sender: 'a' })).not.toEqual([])
  expect(faults({ ...sent, content: {}, unsigned: { redacted_because: {} } })).toEqual([])
  expect(faults({ ...sent, type: 'org.example.unheard' })).toEqual([])
})
