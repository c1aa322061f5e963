/**
 * `npm run check`: what a tool can see of docs/CONVENTIONS.md. One line per tool, the full output of those that failed
 * below, exit code 1 if any did. A tool that looked at nothing has failed: what each one says it saw is held against
 * the files listed here.
 */
import { spawn } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

process.chdir(join(import.meta.dirname, '..'))

/** Each must hold code; integrations/ gets its first with the first outside world. */
const ROOMS = ['app', 'db', 'domain', 'jobs', 'load-tests', 'realtime', 'server', 'testkit', 'web']
const FOLDERS = existsSync('integrations') ? [...ROOMS, 'integrations'] : ROOMS
const CODE = [...filesOf('ts,tsx'), ...globSync('*.ts')]
const DOMAIN = CODE.filter((file) => file.startsWith('domain/') && !file.endsWith('.test.ts'))
const WEB = CODE.filter((file) => /^web\/(?!.*[.]e2e[.]test[.]ts$|[^/]*[.]config[.]ts$)/.test(file))
const ON_NODE = CODE.filter((file) => !DOMAIN.includes(file) && !WEB.includes(file))
const FORMATTED = [
  ...CODE,
  ...filesOf('css,html,json'),
  ...globSync('{*,.*}.{cjs,json,yml}', { exclude: ['package-lock.json'] }),
]

/** As many as the cores the checks are meant for. */
const AT_ONCE = 2
const CRUISED = 'node_modules/.cache/check/cruised.json'

// What `tsc --listFiles` prints between its complaints: an absolute path alone on a line.
const LISTED_FILE = /^\/.*[.](?:ts|tsx|mts|cts|json)\n/gm

interface Tool {
  name: string
  /** Arguments of node; several commands run one after the other, up to the first that fails. */
  commands: string[][]
  /** How many of our files one command looked at. */
  saw: (output: string) => number
  /** Fewer than this is a failure. */
  atLeast: number
}

// The slow ones first, so that both lanes end at about the same time.
const TOOLS: Tool[] = [
  types('types', '.', ON_NODE),
  types('types of domain', 'domain', DOMAIN),
  types('types of web', 'web', WEB),
  {
    name: 'lint',
    commands: [
      [bin('oxlint/bin/oxlint'), '--type-aware', '--report-unused-disable-directives', '--deny-warnings', ...CODE],
    ],
    saw: (output) => numberIn(/ on (\d+) files? with/, output),
    atLeast: CODE.length,
  },
  {
    name: 'imports',
    commands: [
      [bin('dependency-cruiser/bin/dependency-cruiser.mjs'), ...CODE, '-T', 'json', '-f', CRUISED],
      [bin('dependency-cruiser/bin/depcruise-fmt.mjs'), '-T', 'err', '-e', CRUISED],
    ],
    saw: () => cruised().filter((file) => CODE.includes(file)).length,
    atLeast: CODE.length,
  },
  {
    name: 'dead code',
    commands: [knip('knip.json'), knip('testkit/knip-without-tests.json')],
    saw: (output) => numberIn(/knip looked at (\d+) files/, output),
    atLeast: CODE.filter((file) => !file.endsWith('.test.ts')).length,
  },
  {
    name: 'format',
    commands: [[bin('prettier/bin/prettier.cjs'), '--check', '--ignore-path', '/dev/null', ...FORMATTED]],
    // It gives no figure; but every file is named to it, none can be ignored, and one that it cannot read is an error.
    saw: () => FORMATTED.length,
    atLeast: CODE.length,
  },
  {
    name: 'generated files',
    // Each ends by saying how many files are as it would print them.
    commands: [
      ['app/print-config.ts', '--check'],
      ['app/print-docs.ts', '--check'],
      ['app/print-graphql.ts', '--check'],
    ],
    saw: (output) => numberIn(/^(\d+) /m, output),
    atLeast: 1,
  },
]

await main()

async function main(): Promise<void> {
  mkdirSync(join(CRUISED, '..'), { recursive: true })
  const complaints = new Map<string, string>()
  const empty = ROOMS.filter((room) => !CODE.some((file) => file.startsWith(`${room}/`)))
  if (empty.length > 0) complaints.set('folders', `no code to check in ${empty.join(', ')}`)

  const waiting = [...TOOLS]
  const lane = async (): Promise<void> => {
    for (let tool = waiting.shift(); tool; tool = waiting.shift()) {
      const complaint = await run(tool)
      if (complaint !== undefined) complaints.set(tool.name, complaint)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))

  for (const [name, complaint] of complaints) console.log(`\n--- ${name}\n${complaint.trim()}`)
  console.log(complaints.size === 0 ? '\nall checks ok' : `\nfailed: ${[...complaints.keys()].join(', ')}`)
  process.exitCode = complaints.size === 0 ? 0 : 1
}

/** Prints the tool's line. What it returns is what there is to complain about. */
async function run(tool: Tool): Promise<string | undefined> {
  const start = performance.now()
  let output = ''
  let ok = true
  let saw = Infinity
  for (const command of tool.commands) {
    const result = await node(command)
    output += result.output
    saw = Math.min(saw, tool.saw(result.output))
    ok = result.ok
    if (!ok) break
  }
  if (saw < tool.atLeast) {
    ok = false
    output += `\nIt looked at ${saw} files where ${tool.atLeast} are to be looked at.`
  }
  const seconds = ((performance.now() - start) / 1_000).toFixed(1)
  console.log(
    `${tool.name.padEnd(16)}${String(saw).padStart(4)} files${seconds.padStart(6)} s  ${ok ? 'ok' : 'FAILED'}`,
  )
  return ok ? undefined : output.replaceAll(LISTED_FILE, '')
}

function node(args: string[]): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve, reject) => {
    // The output is read by this program, and may end in a file: no colours, whatever the terminal would take.
    const { FORCE_COLOR: _, ...env } = process.env
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, NO_COLOR: '1' } })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
    child.on('error', reject)
    child.on('close', (code) => resolve({ ok: code === 0, output }))
  })
}

function bin(path: string): string {
  return join('node_modules', path)
}

function filesOf(extensions: string): string[] {
  return globSync(`{${FOLDERS.join(',')}}/**/*.{${extensions}}`, { exclude: ['web/dist/**'] })
}

function types(name: string, project: string, files: string[]): Tool {
  const ours = new Set(files.map((file) => join(process.cwd(), file)))
  return {
    name,
    commands: [[bin('typescript/bin/tsc'), '--project', project, '--listFiles']],
    saw: (output) => output.split('\n').filter((line) => ours.has(line)).length,
    atLeast: Math.max(1, files.length),
  }
}

function knip(config: string): string[] {
  const reporters = ['--reporter', 'symbols', '--reporter', './testkit/knip-files.ts']
  return [bin('knip/bin/knip.js'), '--config', config, '--no-progress', '--no-config-hints', ...reporters]
}

function cruised(): string[] {
  const { modules } = JSON.parse(readFileSync(CRUISED, 'utf8')) as { modules: { source: string }[] }
  return modules.map((module) => module.source)
}

function numberIn(pattern: RegExp, output: string): number {
  return Number(pattern.exec(output)?.[1] ?? 0)
}
