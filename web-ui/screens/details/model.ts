import type { Member, Members } from '#client-sdk/members.ts'

export type Role = 'owner' | 'admin' | 'member' | 'invited'

/** Power levels in the three words people know. */
export function roleOf({ membership, powerLevel }: Pick<Member, 'membership' | 'powerLevel'>): Role {
  if (membership === 'invite') return 'invited'
  if (powerLevel >= 100) return 'owner'
  return powerLevel >= 50 ? 'admin' : 'member'
}

const rank: Record<Role, number> = { owner: 0, admin: 1, member: 2, invited: 3 }

/** Who is here or invited: owners first, each role by name as the language sorts. */
export function memberList({ byId }: Members, locale: string): Member[] {
  const collator = new Intl.Collator(locale)
  return [...byId.values()]
    .filter(({ membership }) => membership === 'join' || membership === 'invite')
    .sort((a, b) => rank[roleOf(a)] - rank[roleOf(b)] || collator.compare(a.name, b.name))
}
