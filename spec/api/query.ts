import * as z from 'zod/mini'
import { parseJson, type JsonObject } from '#spec/json.ts'

/** An integer in a query string. Callers may pass a number; handlers get a number. */
export const queryInteger = (minimum: number, maximum = Number.MAX_SAFE_INTEGER) =>
  z.pipe(
    z.union([z.string().check(z.regex(/^-?\d{1,16}$/)), z.int()]),
    z.pipe(
      z.transform((value: string | number) => Number(value)),
      z.int().check(z.gte(minimum), z.lte(maximum)),
    ),
  )

/** `true` or `false` in a query string. Callers may pass a boolean; handlers get a boolean. */
export const queryBoolean = z.pipe(
  z.union([z.enum(['true', 'false']), z.boolean()]),
  z.transform((value: 'true' | 'false' | boolean) => value === true || value === 'true'),
)

/** A name that may be repeated in a query string: handlers get an array in every case. */
export const queryList = <T extends z.ZodMiniType<unknown, string>>(item: T) =>
  z.pipe(
    z.pipe(
      z.union([z.string(), z.array(z.string())]),
      z.transform((value: string | string[]) => (typeof value === 'string' ? [value] : value)),
    ),
    z.array(item),
  )

/** Any object of JSON, kept as it was read: nothing in it is copied, checked or dropped. */
export const jsonObject = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'expected an object',
)

/** JSON of the given schema, written as text in a query string and read as strictly as a body. */
export const queryJson = <T extends z.ZodMiniType>(schema: T) =>
  z.pipe(z.pipe(z.string(), z.transform(readJson)), schema)

function readJson(text: string, context: { issues: unknown[] }): unknown {
  try {
    return parseJson(text, { numbers: 'any' })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    context.issues.push({ code: 'custom', message: why, input: text })
    return z.NEVER
  }
}
