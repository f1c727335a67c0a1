import type * as z from 'zod/mini'

type Path = readonly (string | number)[]

/** A place in a body, and what stands there. */
export interface Field {
  readonly path: Path
  readonly type: string
  readonly mayBeNull?: boolean
}

interface Definition {
  readonly type: string
  readonly shape?: Record<string, z.ZodMiniType>
  readonly innerType?: z.ZodMiniType
  readonly element?: z.ZodMiniType
  readonly options?: readonly z.ZodMiniType[]
  readonly valueType?: z.ZodMiniType
  readonly in?: z.ZodMiniType
}

/** Every field that a schema of a body names, at any depth. */
export function fieldsOf(schema: z.ZodMiniType, path: Path = []): Field[] {
  const definition = schema._zod.def as unknown as Definition
  const { type, shape, innerType, element, options, valueType } = definition
  if (innerType)
    return fieldsOf(innerType, path).map((field) => ({ ...field, ...(type === 'nullable' && { mayBeNull: true }) }))
  const own = { path, type }
  if (shape) return [own, ...Object.entries(shape).flatMap(([name, inner]) => fieldsOf(inner, [...path, name]))]
  if (element) return [own, ...fieldsOf(element, [...path, 0])]
  if (valueType) return [own, ...fieldsOf(valueType, [...path, 'a'])]
  if (options) return options.flatMap((option) => fieldsOf(option, path))
  if (definition.in) return fieldsOf(definition.in, path)
  return [own]
}

/** What is no value of a type. A `custom` is an identifier, or any object. */
const wrong: Readonly<Record<string, readonly unknown[]>> = {
  string: [7, true, null, [], {}],
  number: ['7', true, null, [], {}],
  int: ['7', true, null, [], {}],
  boolean: ['true', 0, null, [], {}],
  enum: ['no such', 7, null, [], {}],
  literal: ['no such', 7, null, [], {}],
  custom: ['', 7, true, null, []],
  array: [{}, 'x', 7, null],
  object: [[], 'x', 7, null],
  record: [[], 'x', 7, null],
}

export function wrongValues({ type, mayBeNull }: Field): readonly unknown[] {
  const values = wrong[type]
  if (!values) throw new Error(`What is no ${type}?`)
  return mayBeNull ? values.filter((value) => value !== null) : values
}

/** A copy of `body` with another value at `path`; what is missing on the way is made. */
export function withValue(body: unknown, path: Path, value: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  if (typeof key === 'number') {
    const items: unknown[] = Array.isArray(body) ? [...(body as unknown[])] : []
    items[key] = withValue(items[key], rest, value)
    return items
  }
  const object = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  return { ...object, [key]: withValue(object[key], rest, value) }
}
