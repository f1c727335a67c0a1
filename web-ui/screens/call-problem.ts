import { CallError } from '#client-sdk/call.ts'

/** Why a call failed, in the words that screens choose their sentence by. */
export type CallProblem =
  'offline' | 'too-many' | 'not-allowed' | 'name-taken' | 'name-not-allowed' | 'weak-password' | 'gone' | 'unknown'

const byCode: Record<string, CallProblem> = {
  M_LIMIT_EXCEEDED: 'too-many',
  M_FORBIDDEN: 'not-allowed',
  M_UNAUTHORIZED: 'not-allowed',
  M_USER_IN_USE: 'name-taken',
  M_INVALID_USERNAME: 'name-not-allowed',
  M_EXCLUSIVE: 'name-not-allowed',
  M_WEAK_PASSWORD: 'weak-password',
  M_NOT_FOUND: 'gone',
}

export function callProblem(error: unknown): CallProblem {
  if (!(error instanceof CallError)) throw error
  if (error.kind === 'network' || error.kind === 'aborted') return 'offline'
  return byCode[error.code ?? ''] ?? 'unknown'
}
