import { hash } from 'node:crypto'
import { Readable } from 'node:stream'
import { FileAnswer } from '#node/http/route.ts'
import { escapeHtml } from './compose-mail.ts'

const style =
  'body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}button{font:inherit;padding:.6rem 1.4rem}'

/** Nothing runs in this page, nothing is loaded into it, it is framed by nobody, and what it sends goes to this server. */
const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

function page(title: string, body: string): FileAnswer {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${style}</style><main><h1>${escapeHtml(title)}</h1>${body}</main></html>`
  const bytes = Buffer.from(html)
  return new FileAnswer({ headers, sizeBytes: bytes.length, open: () => Readable.from([bytes]) })
}

/** What the link in a mail leads to. It changes nothing by being opened, as programs that look for viruses do, and is the same for every link. */
export const askingPage = (serverName: string): FileAnswer =>
  page(
    'Is this address yours?',
    `<p>Press the button to tell ${escapeHtml(serverName)} that you received this mail. Do so only if you asked for it.</p><form method="post"><button>Yes, it is mine</button></form>`,
  )

/** After the button. `next` leads back into the app. */
export const donePage = (next: string | undefined): FileAnswer =>
  page(
    'Thank you',
    `<p>Your address has been confirmed. You can go back to where you came from.</p>${next === undefined ? '' : `<p><a href="${escapeHtml(next)}">Go on</a></p>`}`,
  )

export const badLinkPage = (): FileAnswer =>
  page('This link is not good', '<p>It has expired, or was replaced by a newer one. Please ask for another mail.</p>')
