import { find } from 'linkifyjs'
import type { ReactNode } from 'react'

const safe = /^(https?|mailto):/i

/** Text with its addresses as links. Nothing but http, https and mail is ever made pressable. */
export function linkify(text: string): ReactNode[] {
  const parts: ReactNode[] = []
  let at = 0
  for (const link of find(text, { defaultProtocol: 'https' })) {
    if (!safe.test(link.href)) continue
    parts.push(
      text.slice(at, link.start),
      <a key={link.start} href={link.href} target="_blank" rel="noreferrer noopener" dir="ltr">
        {link.value}
      </a>,
    )
    at = link.end
  }
  return [...parts, text.slice(at)]
}
