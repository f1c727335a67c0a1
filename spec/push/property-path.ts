import { isJsonObject, type Json, type JsonObject } from '#spec/json.ts'
import { member } from '#spec/room/content.ts'

const tokens = /\\[\\.]|\.|\\|[^\\.]+/g

/**
 * The names that a path passes through: `content.m\.relates_to.rel_type` gives `content`, `m.relates_to`, `rel_type`. A backslash before
 * anything but a dot or a backslash stands for itself. Appendices, "Dot-separated property paths".
 */
export function parsePropertyPath(path: string): readonly string[] {
  const names: string[] = []
  let name = ''
  for (const token of path.match(tokens) ?? []) {
    if (token === '.') {
      names.push(name)
      name = ''
    } else name += token === '\\.' || token === '\\\\' ? token[1]! : token
  }
  return [...names, name]
}

/** The value at a path of names; nothing where a name is absent. Only objects are entered, never arrays. */
export function valueAt(object: JsonObject, names: readonly string[]): Json | undefined {
  let value: Json | undefined = object
  for (const name of names) value = isJsonObject(value) ? member(value, name) : undefined
  return value
}
