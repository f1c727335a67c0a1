import type { I18n } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import type { UserId } from '#spec/ids.ts'
import { textOf } from './tile.ts'
import type { Tile, TileContext, TileEvent } from './tile.ts'

type Line = (i18n: I18n, names: { actor: string; person: string }) => string

/** What a change of membership is, told from who did it and what it was before. */
export function memberChange(event: TileEvent): string {
  const before = textOf(event.prevContent, 'membership') ?? 'leave'
  const after = textOf(event.content, 'membership') ?? 'leave'
  const bySelf = event.sender === event.stateKey
  if (after === 'join') return before === 'join' ? profileChange(event) : 'joined'
  if (after === 'invite') return 'invited'
  if (after === 'knock') return 'knocked'
  if (after === 'ban') return 'banned'
  if (before === 'ban') return 'unbanned'
  if (before === 'invite') return bySelf ? 'declined' : 'withdrawn'
  return bySelf ? 'left' : 'removed'
}

function profileChange(event: TileEvent): string {
  const same = textOf(event.content, 'displayname') === textOf(event.prevContent, 'displayname')
  return same ? 'nothing' : 'renamed'
}

const lines: Record<string, Line> = {
  joined: (i18n, { person }) => i18n._(msg`${person} joined`),
  left: (i18n, { person }) => i18n._(msg`${person} left`),
  invited: (i18n, { actor, person }) => i18n._(msg`${actor} invited ${person}`),
  declined: (i18n, { person }) => i18n._(msg`${person} declined the invitation`),
  withdrawn: (i18n, { actor, person }) => i18n._(msg`${actor} took back the invitation for ${person}`),
  removed: (i18n, { actor, person }) => i18n._(msg`${actor} removed ${person}`),
  banned: (i18n, { actor, person }) => i18n._(msg`${actor} banned ${person}`),
  unbanned: (i18n, { actor, person }) => i18n._(msg`${actor} lets ${person} come back`),
  knocked: (i18n, { person }) => i18n._(msg`${person} asks to join`),
}

/** The same for what one does oneself: Turkish and others bend the verb, so the sentence cannot be put together from a name. */
const ownLines: Record<string, Line> = {
  joined: (i18n) => i18n._(msg`You joined`),
  left: (i18n) => i18n._(msg`You left`),
  invited: (i18n, { person }) => i18n._(msg`You invited ${person}`),
  declined: (i18n) => i18n._(msg`You declined the invitation`),
  withdrawn: (i18n, { person }) => i18n._(msg`You took back the invitation for ${person}`),
  removed: (i18n, { person }) => i18n._(msg`You removed ${person}`),
  banned: (i18n, { person }) => i18n._(msg`You banned ${person}`),
  unbanned: (i18n, { person }) => i18n._(msg`You let ${person} come back`),
  knocked: (i18n) => i18n._(msg`You asked to join`),
}

/** And for what others do to oneself. */
const toMeLines: Record<string, Line> = {
  invited: (i18n, { actor }) => i18n._(msg`${actor} invited you`),
  withdrawn: (i18n, { actor }) => i18n._(msg`${actor} took back your invitation`),
  removed: (i18n, { actor }) => i18n._(msg`${actor} removed you`),
  banned: (i18n, { actor }) => i18n._(msg`${actor} banned you`),
  unbanned: (i18n, { actor }) => i18n._(msg`${actor} lets you come back`),
}

/** Shared with tests: what stands in the timeline for a change of membership. */
function memberLine(i18n: I18n, event: TileEvent, { ownId, nameOf }: TileContext): string {
  const change = memberChange(event)
  const personId = event.stateKey as UserId
  if (change === 'renamed') return renamedLine(i18n, event, event.sender === ownId)
  const table = event.sender === ownId ? ownLines : personId === ownId ? { ...lines, ...toMeLines } : lines
  const person = textOf(event.content, 'displayname') ?? textOf(event.prevContent, 'displayname') ?? nameOf(personId)
  return table[change]?.(i18n, { actor: nameOf(event.sender), person }) ?? ''
}

function renamedLine(i18n: I18n, event: TileEvent, bySelf: boolean): string {
  const now = textOf(event.content, 'displayname') ?? event.stateKey ?? ''
  const before = textOf(event.prevContent, 'displayname') ?? event.stateKey ?? ''
  return bySelf ? i18n._(msg`You are now called ${now}`) : i18n._(msg`${before} is now called ${now}`)
}

export const memberTile: Tile = { shape: 'line', text: memberLine }
