import type { JobKind } from '#node/jobs/job-kind.ts'
import { afterRedaction, sweep } from './delete-media.ts'

export const jobs: readonly JobKind[] = [sweep, afterRedaction]
