import { badJson, MatrixError } from './errors.ts'
import { isWellFormed, maxJsonDepth } from './limits.ts'

/*
 * JSON: the one strict reader, and canonical JSON. Appendices, "Canonical JSON".
 */

/** A value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
/** An object of JSON. */
export type JsonObject = { readonly [key: string]: Json }

/** How strictly `parseJson` reads. */
export interface ParseOptions {
  /** `canonical` (the default): integers within 2^53 - 1, written plainly. `any`: every finite number. */
  readonly numbers?: 'canonical' | 'any'
  /** How many objects and arrays may lie inside each other; 100 unless told. */
  readonly maxDepth?: number
}

const notJson = (message: string, cause?: unknown): MatrixError => new MatrixError('M_NOT_JSON', message, { cause })

/** True for a JSON object: neither null nor an array. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

// ignoreBOM keeps a byte order mark in the text, where the grammar refuses it.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads JSON from outside, and refuses what JSON.parse hides: duplicate keys, lone surrogates, U+0000, deep nesting, and
 * (in `canonical`) floats, exponents, -0 and integers beyond 2^53 - 1. `__proto__` is a key like any other.
 *
 * Throws M_NOT_JSON for what is not JSON in UTF-8, M_BAD_JSON for JSON that is refused.
 */
export function parseJson(text: string | Uint8Array, options: ParseOptions = {}): Json {
  const source = typeof text === 'string' ? text : decodeUtf8(text)
  // JSON.parse works off a list, not the stack, so any depth is safe here; everything after it knows the grammar holds.
  const value = parseText(source)
  const keys = scan(source, options.numbers !== 'any', options.maxDepth ?? maxJsonDepth)
  if (typeof text === 'string' && !isWellFormed(source)) throw badJson('JSON has a lone surrogate')
  if (countKeys(value) !== keys) throw badJson('JSON has a key twice in one object')
  return value
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw notJson('Body is not UTF-8', cause)
  }
}

function parseText(source: string): Json {
  try {
    return JSON.parse(source) as Json
  } catch (cause) {
    throw notJson('Body is not JSON', cause)
  }
}

const quote = 0x22
const backslash = 0x5c
const colon = 0x3a
const minus = 0x2d
const digit0 = 0x30
const digit9 = 0x39

/** Walks text that is known to be JSON; answers how many keys it writes. */
function scan(source: string, canonical: boolean, maxDepth: number): number {
  const escapes = source.includes('\\')
  let keys = 0
  let depth = 0
  for (let i = 0; i < source.length; i++) {
    const unit = source.charCodeAt(i)
    if (unit === quote) i = escapes ? endOfString(source, i + 1) : source.indexOf('"', i + 1)
    else if (unit === colon) keys++
    else if (unit === minus || (unit >= digit0 && unit <= digit9)) i = endOfNumber(source, i, canonical) - 1
    else if ((unit | 0x20) === 0x7b) {
      if (++depth > maxDepth) throw badJson(`JSON is nested deeper than ${maxDepth}`)
    } else if ((unit | 0x20) === 0x7d) depth--
  }
  return keys
}

/** The index of the closing quote of a string that starts at `i`; checks its escapes. */
function endOfString(source: string, i: number): number {
  for (;;) {
    const unit = source.charCodeAt(i)
    if (unit === quote) return i
    if (unit !== backslash) i++
    else if (source[i + 1] !== 'u') i += 2
    else i = endOfUnicodeEscape(source, i)
  }
}

function endOfUnicodeEscape(source: string, i: number): number {
  const unit = hex4(source, i + 2)
  if (unit === 0) throw badJson('JSON has the character U+0000')
  if (unit < 0xd800 || unit > 0xdfff) return i + 6
  const paired =
    unit < 0xdc00 && source[i + 6] === '\\' && source[i + 7] === 'u' && (hex4(source, i + 8) & 0xfc00) === 0xdc00
  if (!paired) throw badJson('JSON has a lone surrogate')
  return i + 12
}

const hex4 = (source: string, i: number): number => Number.parseInt(source.slice(i, i + 4), 16)

function endOfNumber(source: string, start: number, canonical: boolean): number {
  let i = start
  let plain = true
  for (; i < source.length; i++) {
    const unit = source.charCodeAt(i)
    if (unit >= digit0 && unit <= digit9) continue
    if (unit === 0x2e || (unit | 0x20) === 0x65 || unit === 0x2b) plain = false
    else if (unit !== minus) break
  }
  if (canonical || !plain || i - start > 300) checkNumber(source, start, i, canonical && !plain, canonical)
  return i
}

function checkNumber(source: string, start: number, end: number, written: boolean, canonical: boolean): void {
  if (written) throw badJson('Numbers must be integers, without fraction or exponent')
  if (canonical && end - start < 16 && source.charCodeAt(start) !== minus) return
  const value = Number(source.slice(start, end))
  if (!Number.isFinite(value)) throw badJson('JSON has a number too large to keep')
  if (!canonical) return
  if (Object.is(value, -0)) throw badJson('Numbers must not be -0')
  if (!Number.isSafeInteger(value)) throw badJson('Numbers must be within 2^53 - 1')
}

/** Keys of a parsed value, all levels; a duplicate in the text shows as one less. Its depth was checked. */
function countKeys(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i]
      if (typeof item === 'object') count += countKeys(item as Json)
    }
    return count
  }
  const object = value as JsonObject
  for (const key in object) {
    count++
    const item = object[key]
    if (typeof item === 'object') count += countKeys(item)
  }
  return count
}

/**
 * The canonical JSON text of a value: shortest form, keys sorted by Unicode code point. At most `maxDepth` objects and arrays lie
 * inside each other, 100 unless told.
 * Members that are `undefined` are left out, as JSON.stringify does. Throws M_BAD_JSON for floats, integers beyond 2^53 - 1, -0, lone surrogates,
 * deeper nesting and anything that is not JSON.
 */
export const canonicalJson = (value: Json, maxDepth: number = maxJsonDepth): string => encode(value, maxDepth)

/** `levels` is how many objects and arrays may still open. */
function encode(value: unknown, levels: number): string {
  if (typeof value === 'string') return canonicalString(value)
  if (typeof value === 'number') return encodeNumber(value)
  if (value === true) return 'true'
  if (value === false) return 'false'
  if (value === null) return 'null'
  if (typeof value !== 'object') throw badJson(`JSON cannot hold a ${typeof value}`)
  if (levels === 0) throw badJson('JSON is nested too deep')
  return Array.isArray(value)
    ? encodeArray(value, levels - 1)
    : encodeObject(value as Record<string, unknown>, levels - 1)
}

// Anything but what a JSON string holds as it is; surrogates too, which must be looked at in pairs.
const needsCare = /[^ !#-[\]-\ud7ff\ue000-\uffff]/

/** A string as canonical JSON. Throws M_BAD_JSON for a lone surrogate. */
export function canonicalString(value: string): string {
  if (!needsCare.test(value)) return '"' + value + '"'
  if (!isWellFormed(value)) throw badJson('JSON has a lone surrogate')
  return JSON.stringify(value)
}

function encodeNumber(value: number): string {
  if (!Number.isSafeInteger(value) || Object.is(value, -0))
    throw badJson('Numbers must be integers within 2^53 - 1, and not -0')
  return String(value)
}

function encodeArray(items: readonly unknown[], levels: number): string {
  let text = '['
  for (let i = 0; i < items.length; i++) text += (i === 0 ? '' : ',') + encode(items[i], levels)
  return text + ']'
}

const encodeObject = (object: Record<string, unknown>, levels: number): string => joinMembers(object, levels, encode)

/** An object's canonical text from its members' canonical texts; `undefined` ones are left out. */
export const composeObject = (members: { readonly [key: string]: string | undefined }): string =>
  joinMembers(members, 0, asItIs)

const asItIs = (text: string): string => text

function joinMembers<T>(
  members: { readonly [key: string]: T | undefined },
  levels: number,
  textOf: (member: T, levels: number) => string,
): string {
  let text = '{'
  let separator = ''
  for (const key of sortedKeys(members)) {
    const member = members[key]
    if (member === undefined) continue
    text += separator + canonicalString(key) + ':' + textOf(member, levels)
    separator = ','
  }
  return text + '}'
}

/** The keys by code point; already sorted ones, the usual case, are only looked at. */
function sortedKeys(object: object): string[] {
  const keys = Object.keys(object)
  for (let i = 1; i < keys.length; i++) {
    if (compareCodePoints(keys[i - 1]!, keys[i]!) > 0) return keys.sort(compareCodePoints)
  }
  return keys
}

/**
 * Compares by Unicode code point: negative, zero or positive. UTF-16 order, which `<` and `sort()` use, puts the characters beyond
 * U+FFFF before U+E000 to U+FFFF.
 */
export function compareCodePoints(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length)
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    if (x < 0xd800 || y < 0xd800) return x - y
    // Surrogates, which write what lies beyond U+FFFF, change places with U+E000 to U+FFFF.
    return (x < 0xe000 ? x + 0x2000 : x - 0x800) - (y < 0xe000 ? y + 0x2000 : y - 0x800)
  }
  return a.length - b.length
}
