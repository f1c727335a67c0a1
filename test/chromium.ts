import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliDecompress } from 'node:zlib'

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome']
const elsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/**
 * The browser that the tests run: `CHROME_PATH`, else one of this machine, else the one that npm brought, which is unpacked on first use.
 * Chromium's own sandbox does not work for root: launch it with `--no-sandbox` there.
 */
export async function chromiumPath(): Promise<string> {
  const given = process.env['CHROME_PATH']
  if (given) return given
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const candidates = [...folders.flatMap((folder) => names.map((name) => join(folder, name))), ...elsewhere]
  return candidates.find((path) => existsSync(path)) ?? (await unpack())
}

const packed = () => fileURLToPath(new URL('../node_modules/@sparticuz/chromium', import.meta.url))

/** The package holds the program, the libraries and a font, each compressed; the machine may have none of the latter two. */
async function unpack(): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('The browser tests need Chrome or Chromium: install one, or name it with CHROME_PATH.')
  }
  const { version } = JSON.parse(readFileSync(join(packed(), 'package.json'), 'utf8')) as { version: string }
  const folder = fileURLToPath(new URL(`../.hearth/chromium-${version}`, import.meta.url))
  const launcher = join(folder, 'chromium-with-libraries')
  if (existsSync(launcher)) return launcher
  const unfinished = `${folder}.${process.pid}`
  mkdirSync(unfinished, { recursive: true })
  writeFileSync(join(unfinished, 'chromium'), await decompress('chromium.br'))
  chmodSync(join(unfinished, 'chromium'), 0o755)
  for (const name of ['al2023.tar.br', 'fonts.tar.br']) {
    execFileSync('tar', ['-x', '--no-same-owner', '-C', unfinished], { input: await decompress(name) })
  }
  writeFileSync(join(unfinished, 'fonts.conf'), fontsConf)
  writeFileSync(join(unfinished, 'chromium-with-libraries'), withLibraries, { mode: 0o755 })
  if (!existsSync(folder)) renameSync(unfinished, folder)
  rmSync(unfinished, { recursive: true, force: true })
  return launcher
}

const decompress = (name: string) => promisify(brotliDecompress)(readFileSync(join(packed(), 'bin', name)))

const fontsConf = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`

const withLibraries = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
export LD_LIBRARY_PATH="$here/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/chromium" "$@"
`
