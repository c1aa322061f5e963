import { useEffect, useRef, useState } from 'preact/hooks'
import type { Booked, Problem } from '../client/contract.ts'
import { newKey } from '../client/new-key.ts'
import type { Rest } from '../client/rest.ts'
import type { Topics } from '../client/topics.ts'
import { serverNow } from '../client/server-clock.ts'
import { useStore } from '../ui/use-store.ts'
import { type Readable, createStore } from '../client/store.ts'
import type { Span } from './day-axis.ts'
import { hasChoice, isAsLong, isHeldFor } from './plan-standing.ts'
import { type Plan, watchedIn } from './plan.ts'
import type { Hold } from './shapes.ts'
import { spanOf } from './subjects.ts'
import { type Judged, VerdictLine } from './verdict-line.ts'

/** A time somebody is making up his mind about. `air`: the block is being moved; `hold`: others see that it is held. */
export interface Proposal {
  air: Span | undefined
  hold: Hold | undefined
  isBusy: boolean
  problem: Problem | undefined
  judged: Judged | undefined
  /** Goes on with a hold that is one's own already; the plan is for the same people and rooms. */
  adopt: (hold: Hold) => void
  lift: (span: Span) => void
  move: (span: Span) => void
  cancel: () => void
  /** Holds these people and rooms where the block is, or for the span given. False: it was refused, and `problem` says why. */
  drop: (resourceIds: readonly string[], span?: Span) => Promise<boolean>
  renew: () => Promise<void>
  release: () => Promise<void>
  book: (fields: object) => Promise<Booked | undefined>
}

const TTL_SECONDS = 300

/** The one proposal of this page for this plan. A hold is given back when the plan is about others, and follows its length. */
export function useProposal(rest: Rest, topics: Topics, plan: Plan): Proposal {
  const [air, setAir] = useState<Span>()
  const [hold, setHold] = useState<Hold>()
  const [isBusy, setBusy] = useState(false)
  const busy = useRef(false)
  const [problem, setProblem] = useState<Problem>()
  const line = useRef<VerdictLine | undefined>(undefined)
  const judgedStore = useRef<Readable<Judged | undefined>>(NO_VERDICT)
  const judged = useStore(air === undefined ? NO_VERDICT : judgedStore.current)
  const keys = useRef(new Map<string, string>())
  const held = useRef<Hold | undefined>(undefined)
  held.current = hold
  const subjects = watchedIn(plan)
  const key = `${hasChoice(plan)} ${plan.minutes} ${subjects.map(({ id }) => id).join()}`

  useEffect(() => () => line.current?.end(), [])
  useEffect(() => {
    const before = held.current
    if (before === undefined) return
    if (!isHeldFor(before.resourceIds, plan)) void giveBack(before)
    else if (!isAsLong(before, plan)) void once(() => lengthen(before))
  }, [key, hold?.id])
  useExpiry(hold, () => {
    setHold(undefined)
    setProblem(EXPIRED)
  })

  const land = () => {
    line.current?.end()
    line.current = undefined
    setAir(undefined)
  }
  const move = (span: Span) => {
    setAir(span)
    line.current?.move(span)
  }
  const keyOf = (holdId: string, fields: object) => {
    const text = `${holdId} ${JSON.stringify(fields)}`
    const key = keys.current.get(text) ?? newKey()
    keys.current.set(text, key)
    return key
  }
  /** One request at a time. */
  const once = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    if (busy.current) return undefined
    busy.current = true
    setBusy(true)
    setProblem(undefined)
    try {
      return await work()
    } finally {
      busy.current = false
      setBusy(false)
    }
  }
  const place = async (resourceIds: readonly string[], { start, end }: Span, replaced: Hold | undefined) => {
    const body = {
      resourceIds,
      start: new Date(start).toISOString(),
      end: new Date(end).toISOString(),
      ttlSeconds: TTL_SECONDS,
      ...(replaced && { replaces: replaced.id }),
    }
    const answer = await rest.post<Hold>('/holds', body, newKey())
    if (answer.ok) setHold(answer.value)
    else setProblem(answer.problem)
    return answer.ok
  }
  /** What is not given back goes on being held, and is shown so. */
  const giveBack = async ({ id }: Hold) => {
    const answer = await rest.change('DELETE', `/holds/${id}`, undefined, newKey())
    if (answer.ok || answer.problem.status === 404) setHold((now) => (now?.id === id ? undefined : now))
    else setProblem(answer.problem)
  }
  /** The same people and rooms from the same start; where that cannot be held the shorter or longer time is of no use. */
  const lengthen = async (before: Hold) => {
    const { start } = spanOf(before)
    const isHeld = await place(before.resourceIds, { start, end: start + plan.minutes * 60_000 }, before)
    if (!isHeld) await giveBack(before)
    return isHeld
  }
  return {
    air,
    hold,
    isBusy,
    problem,
    judged,
    adopt: setHold,
    lift: (span) => {
      line.current?.end()
      line.current = new VerdictLine(topics, subjects)
      judgedStore.current = line.current.judged
      setProblem(undefined)
      move(span)
    },
    move,
    cancel: land,
    drop: async (resourceIds, span = air) => {
      if (span === undefined) return false
      const placed = await once(() => place(resourceIds, span, hold))
      land()
      return placed === true
    },
    renew: async () => {
      await once(async () => {
        if (hold === undefined) return
        const answer = await rest.post<Hold>(`/holds/${hold.id}/renew`, { ttlSeconds: TTL_SECONDS }, newKey())
        if (answer.ok) setHold(answer.value)
        else setProblem(answer.problem)
      })
    },
    release: async () => {
      await once(async () => {
        if (hold !== undefined) await giveBack(hold)
      })
    },
    book: async (fields) => {
      const booked = await once(async () => {
        if (hold === undefined) return undefined
        // Another length was chosen, and could not be held so far: it is seen before it is booked.
        if (!isAsLong(hold, plan)) return void (await lengthen(hold))
        // A repeat after a lost answer books nothing twice.
        const answer = await rest.post<Booked>(`/holds/${hold.id}/convert`, fields, keyOf(hold.id, fields))
        if (answer.ok) setHold(undefined)
        else setProblem(answer.problem)
        return answer.ok ? answer.value : undefined
      })
      return booked
    },
  }
}

const NO_VERDICT = createStore<Judged | undefined>(undefined)

const EXPIRED: Problem = {
  status: 0,
  code: 'hold_expired',
  detail: 'The hold has ended: nobody is kept from that time any more. Choose it again to go on.',
}

function useExpiry(hold: Hold | undefined, onOver: () => void): void {
  useEffect(() => {
    if (hold === undefined) return
    const timer = setTimeout(onOver, Math.max(0, Date.parse(hold.expiresAt) - serverNow()))
    return () => clearTimeout(timer)
  }, [hold?.id, hold?.expiresAt])
}

export function heldSpan(hold: Hold | undefined): Span | undefined {
  return hold && spanOf(hold)
}
