import { useLingui } from '@lingui/react/macro'
import { SendHorizontal, Smile } from 'lucide-react'
import { Suspense, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { KeyboardEvent } from 'react'
import { useStore } from 'zustand'
import { globalPlatform } from '#client-sdk/platform.ts'
import type { Room } from '#client-sdk/room.ts'
import { hasKeyboard } from '../../parts/has-keyboard.ts'
import { IconButton } from '../../parts/icon-button.tsx'
import { lazily } from '../../parts/lazily.ts'
import { onPutAway } from '../../parts/on-put-away.ts'
import { useSignal } from '../../parts/use-signal.ts'
import { useOwnId } from '../use-own-id.ts'
import { composerModel } from './composer-model.ts'
import type { ComposerModel } from './composer-model.ts'
import css from './composer.module.css'
import { ReadOnly } from './read-only.tsx'
import { rescuedDraft } from './rescued-draft.ts'

const EmojiPanel = lazily(async () => (await import('../../parts/emoji/emoji-panel.tsx')).EmojiPanel)

export function Composer({ room }: { room: Room }) {
  const { t } = useLingui()
  const model = useComposerModel(room)
  const text = useStore(model.store, (state) => state.text)
  const may = useSignal(room.may)
  const [emoji, setEmoji] = useState(false)
  const field = useRef<HTMLTextAreaElement>(null)
  const empty = text.trim() === ''

  useEffect(() => {
    if (hasKeyboard()) field.current?.focus({ preventScroll: true })
  }, [])
  useLayoutEffect(() => fitHeight(field.current), [text])

  const send = () => {
    void model.send()
    field.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') setEmoji(false)
    if (!sends(event)) return
    event.preventDefault()
    send()
  }

  if (!may.send('m.room.message')) return <ReadOnly />
  return (
    <div className={css.box}>
      {emoji && (
        <Suspense fallback={<div className={css.opening} />}>
          <EmojiPanel onPick={(sign) => insert(field.current, sign, model.setText)} onClose={() => setEmoji(false)} />
        </Suspense>
      )}
      <div className={css.composer}>
        <IconButton
          label={t`Emoji`}
          aria-expanded={emoji}
          onPointerEnter={() => void import('../../parts/emoji/emoji-panel.tsx')}
          onClick={() => setEmoji(!emoji)}
        >
          <Smile aria-hidden />
        </IconButton>
        <textarea
          ref={field}
          className={css.field}
          rows={1}
          dir="auto"
          aria-label={t`Message`}
          placeholder={t`Write a message`}
          enterKeyHint={hasKeyboard() ? 'send' : 'enter'}
          value={text}
          onChange={(event) => model.setText(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <IconButton
          kind="accent"
          label={t`Send`}
          aria-disabled={empty}
          // The field keeps the focus, and on phones the keyboard stays.
          onMouseDown={(event) => event.preventDefault()}
          onClick={send}
        >
          <SendHorizontal aria-hidden />
        </IconButton>
      </div>
    </div>
  )
}

/** Brings the draft back, and keeps it when the chat is left or the page goes. */
function useComposerModel(room: Room): ComposerModel {
  const ownId = useOwnId()
  const [model] = useState(() => composerModel(room, globalPlatform, rescuedDraft(ownId, room.roomId)))
  useEffect(() => {
    void model.restore()
    return () => void model.save()
  }, [model])
  useEffect(() => onPutAway(model.putAway), [model])
  return model
}

/** Enter, not inside an input method; without a real keyboard only together with Ctrl or ⌘. */
const sends = ({ key, shiftKey, ctrlKey, metaKey, nativeEvent }: KeyboardEvent) =>
  key === 'Enter' && !shiftKey && !nativeEvent.isComposing && (hasKeyboard() || ctrlKey || metaKey)

const mostLinesPx = 8 * 22 + 22

/** As high as its text, up to eight lines. */
function fitHeight(field: HTMLTextAreaElement | null): void {
  if (!field) return
  field.style.height = 'auto'
  field.style.height = `${Math.min(field.scrollHeight, mostLinesPx)}px`
}

/** Puts a sign where the caret is. */
function insert(field: HTMLTextAreaElement | null, sign: string, setText: (text: string) => void): void {
  if (!field) return
  const { selectionStart, selectionEnd, value } = field
  setText(value.slice(0, selectionStart) + sign + value.slice(selectionEnd))
  const caret = selectionStart + sign.length
  // After the new text is in the field.
  requestAnimationFrame(() => field.setSelectionRange(caret, caret))
}
