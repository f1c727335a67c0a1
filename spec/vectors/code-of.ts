import { MatrixError } from '#spec/errors.ts'

/** The code of the MatrixError that a call throws; nothing if it throws none. */
export function codeOf(run: () => unknown): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof MatrixError) return error.code
    throw error
  }
}
