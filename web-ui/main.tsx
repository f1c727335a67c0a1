import { i18n } from '@lingui/core'
import { I18nProvider } from '@lingui/react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { ClientContext } from './client-context.ts'
import { openClient } from './open-client.ts'
import { activateLanguage, startLanguage } from './parts/locale.ts'
import './styles/tokens.css'
import './styles/base.css'

const [client] = await Promise.all([openClient(), activateLanguage(startLanguage(navigator.languages))])

createRoot(document.getElementById('root')!).render(
  <I18nProvider i18n={i18n}>
    <ClientContext value={client}>
      <App />
    </ClientContext>
  </I18nProvider>,
)
