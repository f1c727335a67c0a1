import { useLingui } from '@lingui/react/macro'
import { Fragment } from 'react'
import type { RegistrationNeeds } from '#client-sdk/client.ts'

/** The documents one agrees to, in the reader's language where they have it. */
export function TermsLinks({ terms }: { terms: RegistrationNeeds['terms'] }) {
  const { i18n } = useLingui()
  return (
    <>
      {terms.map((term, at) => {
        const text = term.names[i18n.locale] ?? term.names['en'] ?? Object.values(term.names)[0]
        if (!text) return null
        return (
          <Fragment key={term.id}>
            {at > 0 && ', '}
            <a href={text.url} target="_blank" rel="noreferrer">
              {text.name}
            </a>
          </Fragment>
        )
      })}
    </>
  )
}
