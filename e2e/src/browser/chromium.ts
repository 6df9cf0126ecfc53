/**
 * A real browser from npm, unpacked once beside `node_modules`. Its fonts come along, so that pictures are the same on
 * every machine. The package unpacks into the temporary folder and looks only whether a file is there: so it gets a new
 * folder, which takes its place when it is whole.
 */
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium } from 'playwright-core'

const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/', import.meta.url))
const require = createRequire(import.meta.url)

/** Starts the browser. */
export async function openBrowser(): Promise<Browser> {
  const home = await unpacked()
  return chromium.launch({
    executablePath: join(home, 'chromium'),
    chromiumSandbox: false,
    args: ['--no-zygote', '--disable-gpu', '--font-render-hinting=none', '--force-color-profile=srgb'],
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(home, 'al2023', 'lib'),
      FONTCONFIG_FILE: join(home, 'fonts.conf'),
    },
  })
}

/** The folder with the browser, its libraries and fonts. */
async function unpacked(): Promise<string> {
  const packageRoot = dirname(dirname(require.resolve('@sparticuz/chromium')))
  const { version } = require(join(packageRoot, 'package.json')) as { readonly version: string }
  const home = join(CACHE, `chromium-${version}`)
  if (await exists(join(home, 'fonts.conf'))) return home
  await mkdir(CACHE, { recursive: true })
  const fresh = await mkdtemp(join(CACHE, 'chromium-'))
  await unpackInto(fresh, join(packageRoot, 'bin'))
  await cp(join(dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf'), join(fresh, 'fonts', 'dejavu'), {
    recursive: true,
  })
  await writeFile(join(fresh, 'fonts.conf'), fontsConf(home))
  try {
    await rename(fresh, home)
  } catch (error) {
    // Somebody else was first.
    await rm(fresh, { recursive: true, force: true })
    if (!(await exists(join(home, 'fonts.conf')))) throw error
  }
  return home
}

async function unpackInto(folder: string, bin: string): Promise<void> {
  const earlier = process.env.TMPDIR
  process.env.TMPDIR = folder
  try {
    const { inflate } = await import('@sparticuz/chromium')
    for (const file of ['chromium.br', 'fonts.tar.br', 'al2023.tar.br']) await inflate(join(bin, file))
  } finally {
    if (earlier === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = earlier
  }
}

function fontsConf(home: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
<dir>${home}/fonts</dir>
<cachedir>${home}/fc</cachedir>
<alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
<alias><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
</fontconfig>
`
}

async function exists(path: string): Promise<boolean> {
  const { access } = await import('node:fs/promises')
  return access(path).then(
    () => true,
    () => false,
  )
}
