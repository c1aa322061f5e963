import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { type Balancer, openBalancer } from '../app/nodes/balancer.ts'
import { openBrowser } from './browser.ts'
import { type NetworkOptions, TestNetwork } from './network.ts'

export const PASSWORD = 'correct horse battery'
const OWNER = 'olga@example.org'
/** A zone where it is between ten and eleven now: no test sees midnight, whenever it runs. */
const OFFSET = ((22 - new Date().getUTCHours() + 24) % 24) - 12
const ZONE = OFFSET === 0 ? 'Etc/GMT' : `Etc/GMT${OFFSET > 0 ? '-' : '+'}${Math.abs(OFFSET)}`
const MINUTE_MS = 60_000
/** A step that takes longer has failed, also on a busy machine. */
const PATIENCE_MS = 10_000

/** A meeting in a room, with its times on the wall of the building. */
interface Taken {
  id: string
  start: string
  end: string
}

/** An installation with one organisation and one floor, and a browser that looks at it. */
export class PagesRig implements AsyncDisposable {
  readonly network: TestNetwork
  readonly rooms: ReadonlyMap<string, string>
  readonly floorId: string
  /** What no page of ours may cause: exceptions, and everything the content security policy refused. */
  readonly complaints: string[] = []
  readonly #browser: Browser
  readonly #doors: Balancer[] = []
  readonly #token: string

  private constructor(
    network: TestNetwork,
    browser: Browser,
    token: string,
    floorId: string,
    rooms: Map<string, string>,
  ) {
    this.network = network
    this.#browser = browser
    this.#token = token
    this.floorId = floorId
    this.rooms = rooms
  }

  /** undefined: this machine has no browser. */
  static async open(roomNames: readonly string[], options: NetworkOptions): Promise<PagesRig | undefined> {
    const browser = await openBrowser()
    if (browser === undefined) return undefined
    await using stack = new AsyncDisposableStack()
    stack.defer(() => browser.close())
    const network = stack.use(await TestNetwork.open(options))
    const names = { firstName: 'Olga', lastName: 'Owner', organization: 'Trees', timezone: ZONE }
    const owner = await request(network.url, 'POST', '/auth/register', { email: OWNER, password: PASSWORD, ...names })
    const token = owner['accessToken'] as string
    const floorId = await addFloor(network)
    const rooms = new Map<string, string>()
    for (const name of roomNames) {
      const room = await request(network.url, 'POST', '/rooms', { name, capacity: 6, floorId }, token)
      rooms.set(name, room['id'] as string)
    }
    stack.move()
    return new PagesRig(network, browser, token, floorId, rooms)
  }

  /** A tab of its own, in English, whose complaints are kept. */
  async tab(options: BrowserContextOptions = {}): Promise<{ page: Page; context: BrowserContext }> {
    const viewport = { width: 1280, height: 800 }
    const context = await this.#browser.newContext({ viewport, locale: 'en-GB', ...options })
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    page.on('pageerror', (error) => this.complaints.push(String(error)))
    page.on('console', (message) => {
      // Refusals are answers; the browser prints them as errors all the same.
      const isAnswer = /^Failed to load resource|WebSocket connection/.test(message.text())
      if (message.type() === 'error' && !isAnswer) this.complaints.push(message.text())
    })
    return { page, context }
  }

  /** As the owner of the organisation. */
  rest(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    return request(this.network.url, method, path, body, this.#token)
  }

  /** Books a room for minutes from now, counted from the minute that runs. */
  async book(room: string, from: number, to: number, more: object = {}): Promise<Taken> {
    const minute = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS
    const [start, end] = [minute + from * MINUTE_MS, minute + to * MINUTE_MS]
    const times = { startTime: new Date(start).toISOString(), endTime: new Date(end).toISOString(), timezone: ZONE }
    const body = { title: 'Taken', ...times, ...more, roomIds: [this.rooms.get(room)] }
    const { meeting } = await this.rest('POST', '/meetings', body)
    return { id: (meeting as { id: string }).id, start: wallClock(start), end: wallClock(end) }
  }

  /** Somebody more in the organisation, with `PASSWORD` and his access token. */
  async member(email: string, firstName: string, lastName: string): Promise<{ id: string; token: string }> {
    const names = { firstName, lastName, role: 'member', timezone: ZONE }
    const { id } = await this.rest('POST', '/users', { email, password: PASSWORD, ...names })
    const { accessToken } = await request(this.network.url, 'POST', '/auth/login', { email, password: PASSWORD })
    return { id: id as string, token: accessToken as string }
  }

  /** An address behind which that realtime node serves, and the others once it is gone. */
  async door(realtimeId: string): Promise<Balancer & { url: string }> {
    const targets = () => {
      const up = this.network.nodes.filter(({ isUp }) => isUp)
      const wanted = up.filter(({ id, role }) => role === 'realtime' && id === realtimeId)
      const realtime = wanted.length > 0 ? wanted : up.filter(({ role }) => role === 'realtime')
      return [...up.filter(({ role }) => role === 'api'), ...realtime].flatMap(({ id, role, url }) =>
        role === 'worker' ? [] : [{ id, role, port: Number(new URL(url).port) }],
      )
    }
    const door = await openBalancer({ host: '127.0.0.1', port: 0, targets, newId: randomUUID })
    this.#doors.push(door)
    return { ...door, url: `http://127.0.0.1:${door.port}` }
  }

  async signIn(page: Page, email = OWNER): Promise<void> {
    await page.getByLabel('E-mail').fill(email)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close()
    await Promise.all(this.#doors.map((door) => door[Symbol.asyncDispose]()))
    await this.network[Symbol.asyncDispose]()
  }
}

/** `10:42` on the wall of the building. */
export function wallClock(at: number): string {
  return new Date(at + OFFSET * 3_600_000).toISOString().slice(11, 16)
}

/** As whoever holds the token; refused, it throws. */
export async function request(
  url: string,
  method: string,
  path: string,
  body?: object,
  token?: string,
): Promise<Record<string, unknown>> {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  const answer = await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`)
  return text === '' ? {} : JSON.parse(text)
}

/** By the owner of the store: there is no door that makes places. */
async function addFloor(network: TestNetwork): Promise<string> {
  const [building, floor] = [randomUUID(), randomUUID()]
  const owner = new pg.Client({ connectionString: network.database.url })
  await owner.connect()
  const organization = `(SELECT id FROM identity.organization WHERE name = 'Trees')`
  await owner.query(
    `INSERT INTO building (organization_id, id, name, timezone) VALUES (${organization}, $1, 'Wood', $2)`,
    [building, ZONE],
  )
  await owner.query(
    `INSERT INTO floor (organization_id, id, building_id, name, level) VALUES (${organization}, $1, $2, 'Ground', 0)`,
    [floor, building],
  )
  await owner.end()
  return floor
}
