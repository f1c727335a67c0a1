import { useLingui } from '@lingui/react/macro'
import { Suspense, useEffect } from 'react'
import { Redirect, useLocation } from 'wouter'
import { globalPlatform } from '#client-sdk/platform.ts'
import { ErrorBoundary } from '../../parts/error-boundary.tsx'
import { fetchTheRest, lazily } from '../../parts/lazily.ts'
import { isInside, paths, placeOf } from '../../routes.ts'
import type { Place } from '../../routes.ts'
import { Chat } from '../chat/view.tsx'
import { Chats } from '../chats/view.tsx'
import { NavBar } from './nav-bar.tsx'
import { NoChat } from './no-chat.tsx'
import { usePageTitle } from './use-page-title.ts'
import { useShortcuts } from './use-shortcuts.ts'
import css from './view.module.css'

// What is not on the first screen comes when it is wanted, or when there is time.
const Details = lazily(async () => (await import('../details/view.tsx')).Details)
const NewChat = lazily(async () => (await import('../new-chat/view.tsx')).NewChat)
const NewGroup = lazily(async () => (await import('../new-group/view.tsx')).NewGroup)
const People = lazily(async () => (await import('../people/view.tsx')).People)
const Me = lazily(async () => (await import('../me/view.tsx')).Me)

const quietMs = 2_000

/** The three panes. All layouts have the same elements; CSS decides which are side by side and which cover each other. */
export function Frame() {
  const { t } = useLingui()
  const [path] = useLocation()
  const place = placeOf(path)
  useShortcuts()
  usePageTitle(place)
  useEffect(() => globalPlatform.after(quietMs, () => void fetchTheRest()), [])
  // Whoever came in by an invite or set-up link has arrived.
  if (!isInside(path)) return <Redirect to={paths.chats} replace />
  const inChat = place.pane === 'chat'
  // What is in front is the main landmark. The elements stay the same, so that the list keeps its place.
  return (
    <div className={css.frame} data-front={inChat ? 'main' : 'side'}>
      <NavBar place={place} />
      <div className={css.side} role={inChat ? 'region' : 'main'} aria-label={inChat ? t`Chats` : undefined}>
        <ErrorBoundary key={place.pane === 'chat' ? 'chats' : place.pane}>
          <Suspense fallback={null}>
            <SidePane place={place} />
          </Suspense>
        </ErrorBoundary>
      </div>
      <div className={css.main} role={inChat ? 'main' : undefined}>
        {place.pane === 'chat' ? (
          <ErrorBoundary key={place.roomId}>
            <Chat roomId={place.roomId} />
          </ErrorBoundary>
        ) : (
          <NoChat />
        )}
      </div>
      {place.pane === 'chat' && place.details && (
        <aside className={css.details} aria-label={t`Chat details`}>
          <Suspense fallback={null}>
            <Details key={place.roomId} roomId={place.roomId} />
          </Suspense>
        </aside>
      )}
    </div>
  )
}

function SidePane({ place }: { place: Place }) {
  switch (place.pane) {
    case 'people':
      return <People />
    case 'me':
      return <Me />
    case 'new-chat':
      return <NewChat />
    case 'new-group':
      return <NewGroup />
    case 'chats':
      return <Chats open={undefined} />
    case 'chat':
      return <Chats open={place.roomId} />
  }
}
