import { sendReceipt, setReadMarkers } from '#spec/api/client/receipts.ts'
import { setTyping as setTypingEndpoint } from '#spec/api/client/typing.ts'
import { forbidden } from '#spec/errors.ts'
import { route, type Route } from '#node/http/route.ts'
import { setMarks } from './set-receipts.ts'
import { setTyping } from './typing.ts'

const markTypes = ['m.fully_read', 'm.read', 'm.read.private'] as const

export const routes: readonly Route[] = [
  route(setTypingEndpoint, async (deps, { identity, params, body }) => {
    if (identity.userId !== params.userId) throw forbidden('Nobody can type for another.')
    await setTyping(deps, identity.userId, params.roomId, body)
    return {}
  }),
  route(sendReceipt, async (deps, { identity, params, body }) => {
    const mark = { type: params.receiptType, eventId: params.eventId, threadId: body.thread_id }
    await setMarks(deps, identity.userId, params.roomId, [mark])
    return {}
  }),
  route(setReadMarkers, async (deps, { identity, params, body }) => {
    const marks = markTypes.flatMap((type) => (body[type] === undefined ? [] : { type, eventId: body[type] }))
    if (marks.length > 0) await setMarks(deps, identity.userId, params.roomId, marks)
    return {}
  }),
]
