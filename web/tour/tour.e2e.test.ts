import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { childEnvironment } from '../../app/config.ts'
import { NO_BROWSER, openBrowser } from '../../testkit/browser.ts'
import { type TestDatabase, openTestDatabase } from '../../testkit/database.ts'
import { type PrivateRedis, openPrivateRedis } from '../../testkit/redis.ts'

/** Loading the demo and starting five processes, on a busy machine. */
const START_MS = 180_000
const STEP_MS = 50_000

let browser: Browser | undefined
let database: TestDatabase
let redis: PrivateRedis
let main: ChildProcess
let dataDir: string
let url: string
let page: Page
/** What no page of ours may cause: exceptions, and everything the content security policy refused. */
const complaints: string[] = []

// What `npm start` runs, demo, pulse, balancer and two nodes, on the stores of this test run.
beforeAll(async () => {
  browser = await openBrowser()
  if (browser === undefined) return
  ;[database, redis] = await Promise.all([openTestDatabase(), openPrivateRedis()])
  dataDir = await mkdtemp(join(tmpdir(), 'convoke-tour-'))
  const given = { DATABASE_URL: database.url, REDIS_URL: redis.url, DATA_DIR: dataDir, CONVOKE_DEMO: 'true', PORT: '0' }
  const none = {
    npm_lifecycle_event: undefined,
    NODE_ENV: undefined,
    VITEST: undefined,
    MIGRATE_DATABASE_URL: undefined,
  }
  main = spawn(process.execPath, [fileURLToPath(new URL('../../app/main.ts', import.meta.url))], {
    env: childEnvironment({ ...given, ...none }),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  url = await announced(main)
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' })
  page = await context.newPage()
  page.setDefaultTimeout(STEP_MS)
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    // Refusals are answers; the browser prints them as errors all the same.
    const isAnswer = /^Failed to load resource|WebSocket connection/.test(message.text())
    if (message.type() === 'error' && !isAnswer) complaints.push(message.text())
  })
}, START_MS)

afterAll(async () => {
  await browser?.close()
  if (main?.exitCode === null) {
    const ended = once(main, 'exit')
    main.kill('SIGINT')
    await ended
  }
  await redis?.[Symbol.asyncDispose]()
  await database?.[Symbol.asyncDispose]()
  if (dataDir !== undefined) await rm(dataDir, { recursive: true, force: true })
})

beforeEach((task) => {
  if (browser === undefined) task.skip(NO_BROWSER)
})

afterEach(() => expect(complaints).toEqual([]))

// One visitor walks through: each test begins where the one before ended.
describe('the tour', { timeout: 2 * STEP_MS }, () => {
  test('lets a newcomer in with one click, and shows the office live', async () => {
    await page.goto(url)
    await page.getByRole('button', { name: 'Enter the demo office' }).click()
    await page.getByRole('status').getByText('Live', { exact: true }).waitFor()
    await counter('Double bookings', /^0/)
    await counter('Sockets', /realtime-1, realtime-2/)
    // Nobody has clicked anything: that is the pulse.
    await counter('News delivered', /^[1-9]/)
  })

  test('100 race for a room: one wins, 99 are told why, one booking stands', async () => {
    expect(await take('100 people race for this room', 'Race')).toMatch(
      /: 1 won, 99 were told why not, exactly one booking stands[.]$/,
    )
    const step = region('100 people race for this room')
    expect(await step.getByRole('listitem').allTextContents()).toEqual([
      '1 × 201 Booked.',
      expect.stringMatching(/^99 × 409 .* is already taken at that time[.]$/),
    ])
    await step.getByText('What happened').click()
    expect(await step.getByText(/^curl -s -X POST .*\/book'/).count()).toBe(2)
    await step.getByRole('button', { name: 'Copy' }).nth(3).waitFor()
  })

  test('a node is killed: its sockets move, nothing is lost, missing or doubled, and it comes back', async () => {
    expect(await take('Kill a node', 'Kill one with -9')).toMatch(
      /^realtime-\d was killed and 1\d sockets moved within .*[.] 24 bookings meanwhile: lost 0, gaps 0, duplicates 0[.]$/,
    )
    const step = region('Kill a node')
    await step.getByText('480 of 480 arrived').waitFor()
    await step.getByText(/^back as process \d+$/).waitFor()
  })

  test('two type together on two nodes, and both copies are the same', async () => {
    expect(await take('Type together', 'Open two windows')).toMatch(/^81 letters typed .* Both copies are the same[.]$/)
    for (const node of ['realtime-1', 'realtime-2']) {
      const frame = page.frameLocator(`iframe[title="The meeting, on ${node}"]`)
      await frame.getByText('and this in the other, on the other node.').waitFor()
    }
  })

  test('a panel is paired and takes its room', async () => {
    expect(await take('Open a panel', 'Pair a panel')).toMatch(/^This panel stands beside \w+/)
    await region('Open a panel')
      .getByRole('img', { name: /^Leads to .*\/panel#code=\d{6}$/ })
      .waitFor()
    const panel = page.frameLocator('iframe[title^="The panel of"]')
    await panel.getByRole('button', { name: '15 min' }).click()
    await panel.getByText('In use', { exact: true }).waitFor()
  })

  test('series keep their wall clock over the night the clocks change, and move in UTC', async () => {
    expect(await take('Book across the night the clocks change', 'Book two series')).toMatch(
      /^Every meeting is at 09:00 on the wall; in UTC 2 of 2 series move on their night[.]/,
    )
    expect(await page.getByRole('table').count()).toBe(2)
  })

  test('after all of it no room is booked twice, and no node has logged an error', async () => {
    await counter('Double bookings', /^0[1-9][\d,]* bookings checked/)
    const folder = join(dataDir, 'log')
    const logs = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')))
    const errors = logs.join('\n').match(/^.*"level":[56]0.*$/gm) ?? []
    expect(errors).toEqual([])
  })

  test.each([360, 1400])('at %i pixels nothing is cut off', async (width) => {
    await page.setViewportSize({ width, height: 800 })
    expect(await page.evaluate(`document.documentElement.scrollWidth - innerWidth`)).toBeLessThanOrEqual(0)
  })
})

function region(name: string) {
  return page.getByRole('region', { name })
}

/** Takes a step and gives back its result, as it is announced. */
async function take(name: string, button: string): Promise<string> {
  await region(name).getByRole('button', { name: button }).click()
  const outcome = region(name).getByRole('status').filter({ hasText: /[.]$/ }).first()
  await outcome.waitFor()
  return (await outcome.textContent()) ?? ''
}

async function counter(name: string, value: RegExp): Promise<void> {
  const shown = page.locator('.counter', { has: page.getByText(name, { exact: true }) }).locator('dd')
  await shown.filter({ hasText: value }).waitFor()
}

/** The address, once it is printed. */
function announced(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const [, address] = /Convoke is ready: {2}(\S+)/.exec(said) ?? []
      if (address !== undefined) resolve(address)
    })
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${said}`)))
  })
}
