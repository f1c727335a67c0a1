import { expect, test } from 'vitest'
import { decodePage, pageFacts } from './page-facts.ts'

test('a page says what it is', () => {
  const html = `<!doctype html><html><head><title>Its title</title>
    <meta property="og:title" content=" A &amp; B&#10; again ">
    <META PROPERTY="OG:Description" CONTENT="What it is about">
    <meta property="og:title" content="a second one">
    <meta property="og:site_name" content="Garden"><meta property="og:type" content="article">
    <meta property="og:image" content="/tulip.png?a=1&amp;b=2"><meta property="og:video" content="https://example.org/v.mp4">
    <meta name="description" content="not this"></head><body><p>nor this</body></html>`
  expect(pageFacts(html)).toEqual({
    properties: {
      'og:title': 'A & B again',
      'og:description': 'What it is about',
      'og:site_name': 'Garden',
      'og:type': 'article',
    },
    image: '/tulip.png?a=1&b=2',
  })
})

test.each<[string, string, Record<string, string>]>([
  [
    'its title and description',
    '<title>T</title><meta name=description content=D>',
    { 'og:title': 'T', 'og:description': 'D' },
  ],
  ['what it tells others', '<meta name="twitter:title" content=T><title>x</title>', { 'og:title': 'T' }],
  [
    'its heading and first words',
    '<h1>T</h1><nav><p>menu</p></nav><p>Some</p><p> words</p>',
    { 'og:title': 'T', 'og:description': 'Some words' },
  ],
  ['nothing', '<body>hello', {}],
  ['nothing that is code', '<script>var title = "<title>x</title>"</script><style><p>x</p></style>', {}],
  ['nothing of what is drawn', '<svg><title>x</title></svg>', {}],
  [
    'what it says, though nothing is closed',
    '<title>T<meta name=description content=D>',
    { 'og:title': 'T<meta name=description content=D>' },
  ],
  ['plain text', '<title>&lt;script&gt;alert(1)&lt;/script&gt;</title>', { 'og:title': '<script>alert(1)</script>' }],
  ['text in one direction', '<title>a\u202eb\u0007\u2066c</title>', { 'og:title': 'abc' }],
])('of a page without properties: %s', (_, html, properties) => {
  expect(pageFacts(html).properties).toEqual(properties)
})

test.each(['__proto__', 'constructor', 'og:__proto__', 'toString'])('%s is a name like any other', (name) => {
  expect(pageFacts(`<meta property="${name}" content="x">`)).toEqual({ properties: {}, image: undefined })
  expect(({} as Record<string, unknown>)['x']).toBeUndefined()
})

test('whatever is long is cut', () => {
  const long = '🌷'.repeat(5_000)
  const { properties } = pageFacts(`<meta property="og:description" content="${long}"><title>${long}</title>`)
  expect([...properties['og:title']!]).toHaveLength(300)
  expect([...properties['og:description']!]).toHaveLength(1_000)
  expect(properties['og:title']!.isWellFormed()).toBe(true)
  expect(pageFacts(`<meta property="og:image" content="http://a/${'x'.repeat(3_000)}">`).image).toBeUndefined()
})

test('a hundred thousand elements inside each other are not followed', () => {
  const html = `<title>T</title>${'<div>'.repeat(100_000)}<title>x</title>${'</div>'.repeat(100_000)}`
  expect(pageFacts(html).properties).toEqual({ 'og:title': 'T' })
  expect(pageFacts('<p>'.repeat(200_000)).properties).toEqual({})
  expect(pageFacts(`<title>${'x'.repeat(10_000_000)}</title>`).properties['og:title']).toHaveLength(300)
})

const bytes = (text: string) => Buffer.from(text, 'latin1')

test.each<[string, Uint8Array, string, string]>([
  ['UTF-8', Buffer.from('çay'), 'text/html', 'çay'],
  ['what the header says', bytes('\xe7ay'), 'text/html; charset=ISO-8859-9', 'çay'],
  ['what the page says', bytes('<meta charset="windows-1254">\xe7ay'), 'text/html', '<meta charset="windows-1254">çay'],
  [
    'the header rather than the page',
    Buffer.from('<meta charset=latin1>ç'),
    'text/html; charset="utf-8"',
    '<meta charset=latin1>ç',
  ],
  ['its first bytes rather than both', Buffer.from('\ufeffç'), 'text/html; charset=latin1', 'ç'],
  ['UTF-16 by its first bytes', Buffer.from('\ufeffç', 'utf16le'), 'text/html', 'ç'],
  ['Shift_JIS', Buffer.from([0x83, 0x65]), 'text/html; charset=shift_jis', 'テ'],
  ['an encoding that is none', Buffer.from('ç'), 'text/html; charset=no-such', 'ç'],
  ['an encoding that is dangerous', Buffer.from('+ADw-'), 'text/html; charset=utf-7', '+ADw-'],
  ['bytes that mean nothing', Buffer.from([0xff, 0x41]), 'text/html', '\ufffdA'],
])('a page is read as %s', (_, page, contentType, text) => {
  expect(decodePage(page, contentType)).toBe(text)
})
