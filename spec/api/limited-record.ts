import * as z from 'zod/mini'

/** An object of any names, and so many at most. */
export const limitedRecord = <Key extends z.core.$ZodRecordKey, Value extends z.ZodMiniType>(
  key: Key,
  value: Value,
  most: number,
) =>
  z
    .record(key, value)
    .check(z.refine((record) => Object.keys(record).length <= most, `it has more than ${most} entries`))
