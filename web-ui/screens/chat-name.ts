import type { I18n } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import type { RoomSummary } from '#client-sdk/room-summary.ts'

/** What a chat is called in the reader's language. */
export function chatName(i18n: I18n, { nameParts }: Pick<RoomSummary, 'nameParts'>): string {
  if (nameParts.kind === 'name') return nameParts.name
  const list = new Intl.ListFormat(i18n.locale, { type: nameParts.others > 0 ? 'unit' : 'conjunction', style: 'short' })
  const names = list.format(nameParts.names)
  const { others } = nameParts
  if (nameParts.kind === 'empty') return names === '' ? i18n._(msg`Nobody else`) : names
  return others === 0 ? names : i18n._(msg`${names} +${others}`)
}
