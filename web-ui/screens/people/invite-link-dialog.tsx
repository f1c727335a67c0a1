import { msg } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { Copy, Share2 } from 'lucide-react'
import { Suspense, useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { useClient } from '../../client-context.ts'
import { Button } from '../../parts/button.tsx'
import { copyText } from '../../parts/copy-text.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { lazily } from '../../parts/lazily.ts'
import { Notice } from '../../parts/notice.tsx'
import { showToast } from '../../parts/toast-store.ts'
import { shortDay } from '../../parts/time.ts'
import { ProblemText } from '../problem-text.tsx'
import { inviteLinkModel } from './invite-link-model.ts'
import css from './invite-link-dialog.module.css'

const QrCode = lazily(async () => (await import('../../parts/qr-code.tsx')).QrCode)

/** Makes an invite link as soon as it opens: to copy, to share, to be scanned. */
export function InviteLinkDialog({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useLingui()
  const client = useClient()
  const [model] = useState(() => inviteLinkModel(client))
  const { link, problem } = useStore(model.store)
  useEffect(() => void model.create(), [model])

  const copy = async (url: string) => showToast((await copyText(url)) ? msg`Copied` : msg`Select the link and copy it.`)
  const share = (url: string) =>
    navigator.share({ url, title: 'Hearth' }).catch((error: unknown) => console.info('Not shared', error))

  return (
    <Dialog title={t`Invite somebody`} onClose={onClose}>
      {problem && (
        <Notice kind="problem">
          {problem === 'not-allowed' ? (
            <Trans>You cannot make more links at the moment.</Trans>
          ) : (
            <ProblemText problem={problem} />
          )}
        </Notice>
      )}
      {link && (
        <div className={css.content}>
          <p>
            <Trans>
              Send this link to one person, or let them scan it. It works once, until{' '}
              {shortDay(link.expiresAt, link.madeAt, i18n.locale)}.
            </Trans>
          </p>
          <div className={css.code}>
            <Suspense fallback={null}>
              <QrCode text={link.url} label={t`The invite link, to be scanned`} />
            </Suspense>
          </div>
          <input
            className={css.link}
            readOnly
            aria-label={t`Invite link`}
            value={link.url}
            onFocus={(event) => event.target.select()}
          />
          <div className={css.buttons}>
            <Button kind="primary" icon={<Copy aria-hidden />} onClick={() => void copy(link.url)}>
              <Trans>Copy</Trans>
            </Button>
            {'share' in navigator && (
              <Button icon={<Share2 aria-hidden />} onClick={() => void share(link.url)}>
                <Trans>Share</Trans>
              </Button>
            )}
          </div>
        </div>
      )}
    </Dialog>
  )
}
