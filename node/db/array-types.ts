import type postgres from 'postgres'

type Element = string | number | null

/** PostgreSQL, "Array Input and Output Syntax". Both know two characters to be escaped; JSON has others, which to Postgres are themselves. */
const writeArray = (elements: readonly Element[]): string =>
  elements.some(isOtherwiseInJson)
    ? `{${elements.map((element) => (element === null ? 'null' : `"${String(element).replaceAll(/["\\]/g, '\\$&')}"`)).join()}}`
    : `{${JSON.stringify(elements).slice(1, -1)}}`

// Control characters, and surrogates without their other half.
const isOtherwiseInJson = (element: Element) => typeof element === 'string' && /[\p{Cc}\p{Cs}]/u.test(element)

function readArray(text: string, read: (text: string) => Element): Element[] {
  return Array.from(text.matchAll(/"((?:[^"\\]|\\.)*)"|[^,{}]+/gs), ([whole, quoted]) => {
    if (quoted !== undefined) return read(quoted.replaceAll(/\\(.)/gs, '$1'))
    return whole === 'NULL' ? null : read(whole)
  })
}

const arrayType = (oid: number, read: (text: string) => Element): postgres.PostgresType<Element[]> => ({
  to: oid,
  from: [oid],
  serialize: writeArray,
  parse: (text: string) => readArray(text, read),
})

/**
 * How flat arrays go to Postgres and come back. postgres.js could ask each server for its array types, on every new connection; but a
 * connection that is lost during that question ends the process.
 */
export const arrayTypes: Readonly<Record<string, postgres.PostgresType<Element[]>>> = {
  integers: arrayType(1007, Number),
  texts: arrayType(1009, String),
  bigints: arrayType(1016, Number),
}
