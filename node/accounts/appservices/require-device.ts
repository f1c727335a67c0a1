import { missingParam } from '#spec/errors.ts'
import type { Identity } from '#node/http/route.ts'

/** Throws M_MISSING_PARAM where an application service acts without a device: what is to be done belongs to one. */
export function requireDevice({ deviceId }: Identity): void {
  if (deviceId === '') throw missingParam('This belongs to a device: please name one with the parameter device_id.')
}
