import { isJsonObject, type Json, type JsonObject } from '#spec/json.ts'
import { CallError } from './call.ts'

/** The next step of a call that needs several, as the body's `auth` says it. */
export type AuthStep = { readonly type: string; readonly session?: string } & JsonObject

/** What a 401 asks for. Client-Server API, "User-Interactive Authentication API". */
export interface AuthAsked {
  readonly session: string | undefined
  readonly flows: readonly (readonly string[])[]
  readonly completed: readonly string[]
  readonly params: JsonObject
}

/** How to take each kind of step: the fields beside `type` and `session`, or nothing for a step that cannot be taken. */
export type Answers = Readonly<Record<string, JsonObject | undefined>>

/** What a failed call asks for; nothing if it failed for another reason. */
export function authAskedBy(error: unknown): AuthAsked | undefined {
  if (!(error instanceof CallError) || error.status !== 401) return undefined
  const { flows, session, completed, params } = error.body
  if (!Array.isArray(flows)) return undefined
  return {
    session: typeof session === 'string' ? session : undefined,
    flows: flows.filter(isJsonObject).map((flow) => strings(flow['stages'])),
    completed: strings(completed),
    params: isJsonObject(params) ? params : {},
  }
}

const strings = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []

/**
 * Makes a call that may need several steps, and takes those that `answers` knows. Throws the node's 401 where no flow can be gone to its end,
 * or where a step is refused (its `code` says why).
 */
export async function callInSteps<T>(call: (auth: AuthStep | undefined) => Promise<T>, answers: Answers): Promise<T> {
  let step: AuthStep | undefined
  for (;;) {
    try {
      return await call(step)
    } catch (error) {
      const asked = authAskedBy(error)
      const next = asked && nextStep(asked, answers)
      // The same step twice means that it was refused.
      if (!next || (step !== undefined && next.type === step.type)) throw error
      step = next
    }
  }
}

function nextStep({ session, flows, completed }: AuthAsked, answers: Answers): AuthStep | undefined {
  const left = flows.map((stages) => stages.filter((stage) => !completed.includes(stage)))
  const type = left.find((stages) => stages.every((stage) => answers[stage] !== undefined))?.[0]
  return type === undefined ? undefined : { ...answers[type], type, ...(session === undefined ? {} : { session }) }
}
