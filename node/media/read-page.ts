import { decodePage, pageFacts, type PageFacts } from './page-facts.ts'

/** The module of a side process: it reads pages that strangers wrote. */

export interface PageJob {
  readonly bytes: Uint8Array
  readonly contentType: string
}

process.on('message', ({ bytes, contentType }: PageJob) => {
  const facts: PageFacts = pageFacts(decodePage(bytes, contentType))
  process.send!(facts)
})
process.send!('ready')
