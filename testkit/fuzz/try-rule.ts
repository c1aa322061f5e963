import { type FileEvent, MAX_PER_EVENT, expandEvents } from '../../domain/calendars/expand-events.ts'
import { readImportedRule } from '../../domain/calendars/imported-rule.ts'
import { acceptRule } from '../../domain/recurrence/accept-rule.ts'
import { describeRule } from '../../domain/recurrence/describe-rule.ts'
import { expand, lastInstance } from '../../domain/recurrence/expand.ts'
import { parseRule } from '../../domain/recurrence/parse-rule.ts'
import { OVER, RuleWalk } from '../../domain/recurrence/rule-walk.ts'
import { formatRule } from '../../domain/recurrence/rule.ts'
import { DAY_MS, type Instant, instant, plus } from '../../domain/time/instant.ts'
import { type LocalTime, localTimeOf, wallMs } from '../../domain/time/local-time.ts'
import { type Zone, findZone } from '../../domain/time/zone.ts'
import { Random } from './random.ts'
import { randomRuleText } from './random-rule-text.ts'

/** What one text came to, from a client and in an imported calendar. */
export interface Verdict {
  text: string
  start: LocalTime
  zone: string
  accepted: boolean
  imported: boolean
  /** What is wrong with our own answer; a throw is one. */
  fault: string | null
  /** Everything below together, what a request with that rule makes us do: processor time of this thread, which a busy machine does not stretch. */
  ms: number
}

export const SLOW_MS = 50
/** A run that took longer than this is repeated, and the quickest counts: it may have compiled, or collected the garbage of others. */
const DOUBTFUL_MS = 5
const REPEATS = 3

/** As many verdicts as asked for, the same ones for the same seed. */
export function* fuzzRules(seed: number, count: number): Generator<Verdict, void, undefined> {
  const random = new Random(seed)
  for (let i = 0; i < count; i++) {
    const text = randomRuleText(random)
    const zone = findZone(random.pick(ZONES)) as Zone
    const wall = random.int(0, LAST_DAY) * DAY_MS + random.int(0, 1_439) * 60_000
    const start = localTimeOf(random.chance(0.8) ? fittingWall(text, wall) : wall)
    let verdict = tryRule(text, start, zone)
    for (let j = 0; j < REPEATS && verdict.ms > DOUBTFUL_MS; j++) {
      const again = tryRule(text, start, zone)
      if (again.ms < verdict.ms) verdict = again
    }
    yield verdict
  }
}

const ZONES = ['UTC', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Pacific/Apia']
/** Of the year 2199. */
const LAST_DAY = 84_000
const YEAR_MS = 366 * DAY_MS

/** The first instance from there on, for otherwise nearly every rule would be refused for its start; the wall itself if there is none. */
function fittingWall(text: string, wall: number): number {
  const rule = parseRule(text)
  if (!rule.ok) return wall
  const first = new RuleWalk(rule.value, localTimeOf(wall), wall, wall + 8 * YEAR_MS).next()
  return first === OVER ? wall : first
}

function tryRule(text: string, start: LocalTime, zone: Zone): Verdict {
  const before = process.threadCpuUsage()
  let [accepted, imported] = [false, false]
  let fault: string | null = null
  try {
    const now = zone.instantOf(wallMs(start))
    const asClient = tryAsClient(text, start, zone, now)
    const asImport = tryAsImport(text, start, zone, now)
    ;[accepted, imported] = [asClient.accepted, asImport.accepted]
    fault = asClient.fault ?? asImport.fault
  } catch (error) {
    fault = `throws ${String(error)}`
  }
  const { user, system } = process.threadCpuUsage(before)
  return { text, start, zone: zone.name, accepted, imported, fault, ms: (user + system) / 1_000 }
}

interface Outcome {
  accepted: boolean
  fault: string | null
}

/** What booking a series does with its rule: accept, materialise 13 months, find the end, put into words. */
function tryAsClient(text: string, start: LocalTime, zone: Zone, now: Instant): Outcome {
  const rule = acceptRule(text, start, zone)
  if (!rule.ok) {
    const { code, detail, errors } = rule.error
    const isClear = code === 'invalid_recurrence' && detail !== '' && (errors?.length ?? 0) > 0
    const isShort = (errors ?? []).every((error) => error.detail.length < 400 && (error.part ?? '').length <= 40)
    return { accepted: false, fault: isClear && isShort ? null : 'is refused without a clear reason' }
  }
  const set = { start, zone, rule: rule.value, exdates: [], rdates: [] }
  const found = expand(set, instant(-Infinity), plus(now, 396 * DAY_MS), 2_001)
  const last = lastInstance(set)
  const again = parseRule(formatRule(rule.value))
  if (describeRule(rule.value, zone) === '') return { accepted: true, fault: 'has no words' }
  if (!again.ok || formatRule(again.value) !== formatRule(rule.value))
    return { accepted: true, fault: 'is not read back' }
  if (found.length > 2_001 || found.some((one, i) => i > 0 && one.start <= found[i - 1]!.start)) {
    return { accepted: true, fault: 'gives instances out of order' }
  }
  const isEndless = rule.value.count === null && rule.value.until === null
  return { accepted: true, fault: (last === undefined) === isEndless ? null : 'has a wrong end' }
}

/** What pulling a calendar does with it, in a window that begins years after the event. */
function tryAsImport(text: string, start: LocalTime, zone: Zone, now: Instant): Outcome {
  const rule = readImportedRule(text, zone)
  if (!rule.ok) return { accepted: false, fault: rule.error === '' ? 'is refused without a sentence' : null }
  const event: FileEvent = {
    ...{ uid: 'fuzz', line: 1, durationMs: 3_600_000, rule: rule.value, rdates: [], exdates: [], recurrenceId: null },
    ...{ start: { wall: wallMs(start), zone, isDate: false }, cancelled: false, busy: true, status: 'confirmed' },
    ...{ summary: '', sequence: 0 },
  }
  const from = plus(now, 20 * YEAR_MS)
  const { events } = expandEvents([event], { start: from, end: plus(from, 426 * DAY_MS) })
  return { accepted: true, fault: events.length > MAX_PER_EVENT ? 'gives too many instances' : null }
}
