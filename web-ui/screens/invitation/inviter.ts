import { keep, kept } from '../../parts/kept.ts'
import type { UserId } from '#spec/ids.ts'

export interface Inviter {
  userId: UserId
  name: string
}

/** Whose link was opened on this device: the first person a newcomer can write to. */
export const rememberInviter = (inviter: Inviter): void => keep('inviter', JSON.stringify(inviter))

export function inviter(): Inviter | undefined {
  const text = kept('inviter')
  return text === undefined ? undefined : (JSON.parse(text) as Inviter)
}
