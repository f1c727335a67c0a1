import type { Logger } from 'pino'
import { MatrixError } from '#spec/errors.ts'
import { AuthFailure } from '#spec/room/auth.ts'

export interface Failure {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly retryAfterSeconds?: number
}

/** The only place that turns an error into an answer. What nobody expected is logged with its stack, and tells the caller nothing. */
export function failure(log: Logger, error: unknown): Failure {
  if (error instanceof MatrixError) return expected(error)
  if (error instanceof AuthFailure)
    return { status: 403, body: { errcode: 'M_FORBIDDEN', error: error.message, 'org.hearth.rule': error.rule } }
  if (isDatabaseGone(error)) {
    log.warn({ err: error }, 'database unavailable')
    return unavailable
  }
  log.error({ err: error }, 'request failed')
  return {
    status: 500,
    body: { errcode: 'M_UNKNOWN', error: 'Something went wrong on the server. It has been logged.' },
  }
}

function expected(error: MatrixError): Failure {
  const wait = error.extra['retry_after_ms']
  return {
    status: error.status,
    body: error.body(),
    ...(typeof wait === 'number' && { retryAfterSeconds: Math.ceil(wait / 1000) }),
  }
}

const unavailable: Failure = {
  status: 503,
  body: {
    errcode: 'M_UNKNOWN',
    error: 'The database of this server is not available at the moment. Nothing is known to be lost; please try again.',
  },
  retryAfterSeconds: 1,
}

/** postgres.js and Postgres' own classes 08 (connection), 53 (resources) and 57 (operator intervention). */
function isDatabaseGone(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  const code = String(error.code)
  return /^(CONNECTION_|CONNECT_TIMEOUT|ECONN|EPIPE|ENOENT$|08|53|57P)/.test(code)
}
