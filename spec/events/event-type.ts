import * as z from 'zod/mini'
import type { JsonObject } from '#spec/json.ts'

/** Where events of a type live: room state, the timeline, the moment, or a user's account. */
export type EventKind = 'state' | 'message' | 'ephemeral' | 'account'

/**
 * One event type: its name, its kind, and the schema of its content.
 *
 * The schema is used at our doors (what a client asks us to send) and by screens. Events of a room are never judged by it: the auth rules alone
 * do that. What is sent is the content as it came, never the schema's output: that copy lacks a key such as `__proto__`.
 */
export interface EventType<Content extends z.ZodMiniType = z.ZodMiniType> {
  readonly type: string
  readonly kind: EventKind
  readonly content: Content
}

/** Declares an event type. */
export const eventType = <Content extends z.ZodMiniType>(declared: EventType<Content>): EventType<Content> => declared

/** The content of an event type, typed. */
export type ContentOf<T> = T extends EventType<infer Content> ? z.output<Content> : never

/** The content of an event if it has the form of the type; nothing otherwise. Never throws. */
export function readContent<Content extends z.ZodMiniType>(
  type: EventType<Content>,
  event: { readonly content: JsonObject } | undefined,
): z.output<Content> | undefined {
  const read = type.content.safeParse(event?.content)
  return read.success ? read.data : undefined
}
