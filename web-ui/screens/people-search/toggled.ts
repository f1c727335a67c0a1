import type { FoundUser } from '#client-sdk/client.ts'

/** The people with this one added, or taken out again. */
export const toggled = (people: readonly FoundUser[], person: FoundUser): readonly FoundUser[] => {
  const rest = people.filter((one) => one.userId !== person.userId)
  return rest.length === people.length ? [...people, person] : rest
}
