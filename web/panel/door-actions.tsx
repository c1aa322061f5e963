import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Problem } from '../client/contract.ts'
import { newKey } from '../client/new-key.ts'
import type { Rest } from '../client/rest.ts'
import { timeIn } from '../client/zone.ts'
import { extensions, walkUpChoices } from './door-choices.ts'
import { warningOf } from './door-words.ts'
import type { RoomAt } from './state-at.ts'

interface DoorActionsProps {
  rest: Rest
  roomId: string
  at: RoomAt
  now: number
  zone: string
  /** After an answer; resolves when the screen shows what came of it. */
  onDone: () => Promise<void>
}

/** Long enough to read it twice from where one stands. */
const REFUSED_MS = 10_000
/** Nobody ends a meeting by leaning on the screen. */
const SURE_MS = 6_000

/** What may be done now, as large buttons; a refusal is the server's own sentence. */
export function DoorActions({ rest, roomId, at, now, zone, onDone }: DoorActionsProps) {
  const [busy, setBusy] = useState<string>()
  const [problem, setProblem] = useState<Problem>()
  const [isEnding, setEnding] = useState(false)
  const keys = useRef(new Map<string, string>())
  useForget(problem !== undefined, REFUSED_MS, () => setProblem(undefined))
  useForget(isEnding, SURE_MS, () => setEnding(false))
  const { status, current } = at

  const act = async (path: string, body: { minutes?: number } = {}) => {
    if (busy !== undefined) return
    const what = `${path} ${body.minutes ?? ''} ${current?.allocationId ?? ''}`
    setBusy(what)
    setProblem(undefined)
    setEnding(false)
    // Pressed again after a lost answer it must not happen twice.
    const key = keys.current.get(what) ?? newKey()
    keys.current.set(what, key)
    const answer = await rest.post(`/rooms/${roomId}/${path}`, body, key)
    if (answer.ok || answer.problem.status !== 0) keys.current.delete(what)
    if (!answer.ok) setProblem(answer.problem)
    await onDone()
    setBusy(undefined)
  }
  const isBusy = busy !== undefined
  const warning = warningOf(at, zone)
  return (
    <div class="door-actions" role="group" aria-label="What you can do">
      {status === 'free' && (
        <WalkUps {...{ at, now, zone, isBusy }} onChoose={(minutes) => act('walkup', { minutes })} />
      )}
      {status === 'reserved' && current?.checkIn === 'open' && (
        <Action isMain isBusy={isBusy} onPress={() => act('checkin')}>
          Check in
        </Action>
      )}
      {warning && (
        <Action isBusy={isBusy} onPress={() => act(warning.answer)}>
          {warning.answer === 'keep' ? 'Keep' : 'We are here'}
        </Action>
      )}
      {extensions(at).map((minutes) => (
        <Action key={minutes} isBusy={isBusy} onPress={() => act('extend', { minutes })}>
          +{minutes} min
        </Action>
      ))}
      {(status === 'checked_in' || status === 'overrun') && (
        <Action isBusy={isBusy} isMain={isEnding} onPress={() => (isEnding ? act('end') : setEnding(true))}>
          {isEnding ? 'Yes, end it now' : 'End'}
        </Action>
      )}
      <p class="door-refused" role="alert">
        {problem?.detail ?? ''}
      </p>
    </div>
  )
}

interface WalkUpsProps extends Pick<DoorActionsProps, 'at' | 'now' | 'zone'> {
  isBusy: boolean
  onChoose: (minutes: number) => unknown
}

function WalkUps({ at, now, zone, isBusy, onChoose }: WalkUpsProps) {
  const choices = walkUpChoices(at, now)
  if (choices.length === 0) return null
  return (
    <>
      <p class="door-ask">Book it now for</p>
      {choices.map(({ minutes, isUntilNext }) => (
        <Action key={isUntilNext ? 'next' : minutes} isBusy={isBusy} onPress={() => onChoose(minutes)}>
          {isUntilNext ? `until ${timeIn(zone, at.freeUntil)}` : `${minutes} min`}
        </Action>
      ))}
    </>
  )
}

interface ActionProps {
  isMain?: boolean
  isBusy: boolean
  onPress: () => unknown
  children: ComponentChildren
}

function Action({ isMain = false, isBusy, onPress, children }: ActionProps) {
  return (
    <button type="button" class={isMain ? 'door-main' : ''} aria-disabled={isBusy} onClick={() => void onPress()}>
      {children}
    </button>
  )
}

/** Calls back when that has been so for a while. */
function useForget(isSo: boolean, afterMs: number, forget: () => void): void {
  useEffect(() => {
    if (!isSo) return
    const timer = setTimeout(forget, afterMs)
    return () => clearTimeout(timer)
  }, [isSo])
}
