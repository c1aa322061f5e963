import { constants } from 'node:fs'
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

/** What a browser test that finds no browser gives to `context.skip`; the closing lines of the run count it. */
export const NO_BROWSER = 'no browser: neither @sparticuz/chromium nor /usr/bin/chromium starts on this machine'

// The sandbox needs rights that root in a container lacks. Without the rest, Chromium looks for the internet at every
// start and its refused connections come back as noise.
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]
const PACKAGE = join(import.meta.dirname, '../node_modules/@sparticuz/chromium')
const UNPACKED = join(import.meta.dirname, '../node_modules/.cache/chromium')

/**
 * A headless Chromium: the one that comes with the npm packages, else the system's. Undefined when neither starts;
 * the reasons go to stderr, so a missing browser is said and never silent.
 */
export async function openBrowser(): Promise<Browser | undefined> {
  const reasons: string[] = []
  for (const find of [packagedChromium, systemChromium]) {
    try {
      const { executablePath, env } = await find()
      return await chromium.launch({ executablePath, env, args: FLAGS, headless: true, timeout: 30_000 })
    } catch (cause) {
      reasons.push(`${find.name}: ${String(cause).split('\n', 3).join(' ')}`)
    }
  }
  process.stderr.write(`${NO_BROWSER}\n${reasons.map((reason) => `  ${reason}\n`).join('')}`)
  return undefined
}

interface Executable {
  executablePath: string
  env: Record<string, string>
}

async function systemChromium(): Promise<Executable> {
  await access('/usr/bin/chromium', constants.X_OK)
  return { executablePath: '/usr/bin/chromium', env: environment() }
}

async function packagedChromium(): Promise<Executable> {
  const { version } = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8')) as { version: string }
  const home = join(UNPACKED, version)
  const executablePath = join(home, 'chromium')
  const ready = await access(executablePath, constants.X_OK).then(
    () => true,
    () => false,
  )
  if (!ready) await unpack(home)
  const env = environment()
  // Its own libnss3 and friends come last: a system that has them knows better which ones fit.
  const libraries = [env['LD_LIBRARY_PATH'], join(home, 'al2023/lib')].filter(Boolean).join(delimiter)
  return {
    executablePath,
    env: { ...env, LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: join(home, 'fonts/fonts.conf') },
  }
}

/** Unpacks beside the place and moves it there whole, so that two runs at once never see half a browser. */
async function unpack(home: string): Promise<void> {
  await mkdir(UNPACKED, { recursive: true })
  const fresh = await mkdtemp(join(UNPACKED, 'unpacking-'))
  const temporary = process.env['TMPDIR']
  try {
    // The package unpacks into os.tmpdir() and nowhere else; /tmp itself may hold another user's copy.
    process.env['TMPDIR'] = fresh
    const { default: packaged, inflate } = await import('@sparticuz/chromium')
    await packaged.executablePath()
    await inflate(join(PACKAGE, 'bin/al2023.tar.br'))
    await writeFile(join(fresh, 'fonts/fonts.conf'), fontsOf(home))
    await rename(fresh, home).catch(async (cause: unknown) => {
      await access(join(home, 'chromium'), constants.X_OK).catch(() => {
        throw new Error(`cannot unpack Chromium into ${home}`, { cause })
      })
    })
  } finally {
    if (temporary === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = temporary
    await rm(fresh, { recursive: true, force: true })
  }
}

// The package's own configuration knows /tmp/fonts only, and without any font a page has no text at all.
function fontsOf(home: string): string {
  const fonts = join(home, 'fonts').replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${fonts}</dir>
  <cachedir>${fonts}/cache</cachedir>
</fontconfig>
`
}

function environment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
