import { Trans, useLingui } from '@lingui/react/macro'
import { X } from 'lucide-react'
import { memo, useDeferredValue, useEffect, useState } from 'react'
import type { MouseEvent } from 'react'
import { matches } from '../fold.ts'
import { IconButton } from '../icon-button.tsx'
import { SearchField } from '../search-field.tsx'
import { loadEmoji } from './emoji-data.ts'
import type { Emoji } from './emoji-data.ts'
import css from './emoji-panel.module.css'
import { recentEmoji, rememberEmoji } from './recent-emoji.ts'

export interface EmojiPanelProps {
  onPick: (sign: string) => void
  onClose: () => void
}

export function EmojiPanel({ onPick, onClose }: EmojiPanelProps) {
  const { t, i18n } = useLingui()
  const [groups, setGroups] = useState<readonly (readonly Emoji[])[]>([])
  const [recent] = useState(recentEmoji)
  const [query, setQuery] = useState('')
  const search = useDeferredValue(query)

  useEffect(() => {
    let gone = false
    void loadEmoji(i18n.locale).then((loaded) => !gone && setGroups(loaded))
    return () => void (gone = true)
  }, [i18n.locale])

  const pick = (event: MouseEvent) => {
    const sign = (event.target as HTMLElement).closest<HTMLElement>('[data-emoji]')?.dataset['emoji']
    if (sign === undefined) return
    rememberEmoji(sign)
    onPick(sign)
  }
  const found =
    search.trim() === '' ? undefined : groups.flat().filter(([, name, words]) => matches(`${name} ${words}`, search))

  return (
    <div
      className={css.panel}
      role="dialog"
      aria-label={t`Emoji`}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onClose()
      }}
    >
      <div className={css.head}>
        <SearchField label={t`Search emoji`} value={query} onChange={setQuery} />
        <IconButton label={t`Close`} onClick={onClose}>
          <X aria-hidden />
        </IconButton>
      </div>
      {/* Pressing an emoji leaves the caret where it is. */}
      <div className={css.scroll} onMouseDown={(event) => event.preventDefault()} onClick={pick}>
        {found ? (
          <Group emoji={found} />
        ) : (
          <>
            <Group emoji={recent.map((sign) => [sign, sign, ''])} />
            {groups.map((group, at) => (
              <Group key={at} emoji={group} />
            ))}
          </>
        )}
        {found?.length === 0 && (
          <p className={css.nothing}>
            <Trans>No emoji by that name.</Trans>
          </p>
        )}
      </div>
    </div>
  )
}

const Group = memo(function Group({ emoji }: { emoji: readonly Emoji[] }) {
  return (
    <div className={css.group}>
      {emoji.map(([sign, name]) => (
        <button key={sign} type="button" data-emoji={sign} title={name} aria-label={name}>
          {sign}
        </button>
      ))}
    </div>
  )
})
