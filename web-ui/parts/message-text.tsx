import { useEffect, useState } from 'react'
import { isEmojiOnly } from './emoji-only.ts'
import css from './message-text.module.css'

type Linkify = typeof import('./linkify.tsx').linkify

let loaded: Linkify | undefined

/** The words of a message: as they were written, links made pressable, one to three emoji alone shown large. */
export function MessageText({ text }: { text: string }) {
  const linkify = useLinkify(text)
  if (isEmojiOnly(text)) return <span className={css.large}>{text.trim()}</span>
  return <span className={css.text}>{linkify ? linkify(text) : text}</span>
}

/** The finder of links is fetched with the first message that may have one. */
function useLinkify(text: string): Linkify | undefined {
  const wanted = text.includes('.')
  const [linkify, setLinkify] = useState(() => loaded)
  useEffect(() => {
    if (!wanted || linkify) return
    let gone = false
    void import('./linkify.tsx').then((module) => {
      loaded = module.linkify
      if (!gone) setLinkify(() => module.linkify)
    })
    return () => void (gone = true)
  }, [wanted, linkify])
  return wanted ? linkify : undefined
}
