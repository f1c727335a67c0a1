/** A mail as it is sent: plain text, and HTML that says the same. */
export interface Mail {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Text, or an address that the reader is to open. */
export type Paragraph = string | { readonly link: string }

/** Text that stands for itself in HTML, between tags and in quotes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** Every text may be somebody's own words: nothing in it is markup, and a subject stays one line. */
export function composeMail(subject: string, paragraphs: readonly Paragraph[]): Mail {
  const line = subject.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  const html = paragraphs.map((part) => {
    if (typeof part === 'string') return `<p>${escapeHtml(part).replaceAll('\n', '<br>')}</p>`
    const link = escapeHtml(part.link)
    return `<p><a href="${link}">${link}</a></p>`
  })
  return {
    subject: line,
    text: `${paragraphs.map((part) => (typeof part === 'string' ? part : part.link)).join('\n\n')}\n`,
    html: `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(line)}</title>${html.join('')}</html>`,
  }
}
