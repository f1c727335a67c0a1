/**
 * Every error code that Hearth answers with, and the HTTP status that goes with it.
 * Source: Client-Server API, "Standard error response"; Server-Server API, "Standard error response".
 */
export const errorStatus = {
  M_FORBIDDEN: 403,
  M_UNKNOWN_TOKEN: 401,
  M_MISSING_TOKEN: 401,
  M_USER_LOCKED: 401,
  M_USER_SUSPENDED: 403,
  M_USER_DEACTIVATED: 403,
  M_INVITE_BLOCKED: 403,
  M_BAD_JSON: 400,
  M_NOT_JSON: 400,
  M_NOT_FOUND: 404,
  M_LIMIT_EXCEEDED: 429,
  M_UNRECOGNIZED: 404,
  M_UNKNOWN: 400,
  M_UNAUTHORIZED: 401,
  M_USER_IN_USE: 400,
  M_INVALID_USERNAME: 400,
  M_ROOM_IN_USE: 400,
  M_INVALID_ROOM_STATE: 400,
  M_UNSUPPORTED_ROOM_VERSION: 400,
  M_INCOMPATIBLE_ROOM_VERSION: 400,
  M_BAD_STATE: 400,
  M_BAD_ALIAS: 400,
  M_GUEST_ACCESS_FORBIDDEN: 403,
  M_MISSING_PARAM: 400,
  M_INVALID_PARAM: 400,
  M_TOO_LARGE: 413,
  M_EXCLUSIVE: 400,
  M_RESOURCE_LIMIT_EXCEEDED: 403,
  M_CANNOT_LEAVE_SERVER_NOTICE_ROOM: 403,
  M_WEAK_PASSWORD: 400,
  M_KEY_TOO_LARGE: 400,
  M_PROFILE_TOO_LARGE: 400,
  M_THREEPID_DENIED: 403,
  M_THREEPID_IN_USE: 400,
  M_THREEPID_AUTH_FAILED: 401,
  M_THREEPID_MEDIUM_NOT_SUPPORTED: 400,
  M_SERVER_NOT_TRUSTED: 400,
  M_UNKNOWN_DEVICE: 400,
  M_DUPLICATE_ANNOTATION: 400,
  M_CANNOT_OVERWRITE_MEDIA: 409,
  M_NOT_YET_UPLOADED: 504,
  M_INVALID_SIGNATURE: 400,
  M_WRONG_ROOM_KEYS_VERSION: 403,
  M_URL_NOT_SET: 400,
  M_BAD_STATUS: 502,
  M_CONNECTION_FAILED: 502,
  M_CONNECTION_TIMEOUT: 504,
} as const

export type ErrorCode = keyof typeof errorStatus

/** What a failed request answers with: the status, the code, a sentence a person understands, and the code's own extra fields. */
export class MatrixError extends Error {
  override readonly name = 'MatrixError'
  readonly code: ErrorCode
  readonly status: number
  readonly extra: Readonly<Record<string, unknown>>

  constructor(
    code: ErrorCode,
    message: string,
    options: { status?: number; extra?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.status = options.status ?? errorStatus[code]
    this.extra = options.extra ?? {}
  }

  /** The JSON body of the answer. */
  body(): Record<string, unknown> {
    return { errcode: this.code, error: this.message, ...this.extra }
  }
}

/** 403: the caller is known, and may not do this. */
export const forbidden = (message: string): MatrixError => new MatrixError('M_FORBIDDEN', message)
/** 404: there is no such thing, or the caller may not know that there is. */
export const notFound = (message: string): MatrixError => new MatrixError('M_NOT_FOUND', message)
/** 400: a parameter has a value that is not allowed. */
export const invalidParam = (message: string): MatrixError => new MatrixError('M_INVALID_PARAM', message)
/** 400: a required parameter is absent. */
export const missingParam = (message: string): MatrixError => new MatrixError('M_MISSING_PARAM', message)
/** 400: the JSON is well formed, and says something that the endpoint does not take. */
export const badJson = (message: string): MatrixError => new MatrixError('M_BAD_JSON', message)
/** 429: too many requests; `retryAfterMs` also becomes the Retry-After header, in seconds. */
export const limitExceeded = (retryAfterMs: number): MatrixError =>
  new MatrixError('M_LIMIT_EXCEEDED', 'Too many requests. Please wait a moment and try again.', {
    extra: { retry_after_ms: retryAfterMs },
  })
