import type { FoundUser } from '#client-sdk/client.ts'

/** What a person is called: the display name, else the first part of the user id. */
export const personName = ({ userId, displayName }: FoundUser): string =>
  displayName || userId.slice(1).split(':')[0] || userId
