import { useEffect, useState } from 'preact/hooks'
import type { Credentials } from '../client/credentials.ts'
import type { PairedDevice } from '../client/device.ts'
import { createRest } from '../client/rest.ts'
import { serverNow } from '../client/server-clock.ts'
import { Topics } from '../client/topics.ts'
import { dayIn, timeIn } from '../client/zone.ts'
import { useNow } from '../ui/use-now.ts'
import { useStore } from '../ui/use-store.ts'
import { DoorActions } from './door-actions.tsx'
import { doorWords, warningOf } from './door-words.ts'
import { startHeartbeat } from './heartbeat.ts'
import { HoursStrip } from './hours-strip.tsx'
import { watchRoom } from './room-watch.ts'
import { stateAt } from './state-at.ts'
import { useAsOf } from './use-as-of.ts'
import { useWakeLock } from './use-wake-lock.ts'
import { useZone } from './use-zone.ts'

interface RoomScreenProps {
  credentials: Credentials
  device: PairedDevice
}

const TICK_MS = 1_000

/** The screen beside the door: how the room stands, what comes next, and what one may do about it. */
export function RoomScreen({ credentials, device }: RoomScreenProps) {
  const [rest] = useState(() => createRest(credentials))
  const [topics] = useState(() => new Topics(credentials))
  const [watch] = useState(() => watchRoom(topics, rest, device.roomId))
  const [heart] = useState(startHeartbeat)
  useNow(TICK_MS)
  useWakeLock()
  const now = serverNow()
  const { room, known, problem, closed } = useStore(watch.watched)
  const { ok } = useStore(heart.reach)
  const asOf = useAsOf(topics.link, heart.reach, problem !== undefined, now)
  const zone = useZone(rest)
  useEffect(
    () => () => {
      heart.close()
      watch.close()
      topics.close()
    },
    [],
  )
  // What a silent network swallowed is asked for again.
  useEffect(() => {
    if (!ok) return
    topics.reconnect()
    void watch.refresh()
  }, [ok])

  const at = known && !closed ? stateAt(known, now) : undefined
  const words = at && doorWords(at, now, zone)
  const isVisited = at?.status === 'free' && known?.view.occupancy?.present === true
  return (
    <main class="door" data-status={at?.status ?? 'unknown'} data-behind={asOf !== undefined}>
      <header class="door-head">
        <h1>{room?.name ?? device.room.name}</h1>
        <p class="door-clock figures">
          <time>{timeIn(zone, now)}</time>
          <span>{dayIn(zone, now)}</span>
        </p>
      </header>
      <section class="door-state" aria-label="State of the room" aria-live="polite" aria-atomic="true">
        <p class="door-word">{words?.word ?? (closed ? 'Not in service' : 'One moment')}</p>
        <p class="door-until figures">{words?.until ?? (known === undefined ? problem?.detail : '')}</p>
        <p class="door-title">{isVisited ? 'Somebody is inside; nobody has booked it.' : words?.title}</p>
      </section>
      <p class="door-warning" role="status">
        {at && warningOf(at, zone)?.sentence}
      </p>
      {at && <DoorActions {...{ rest, at, now, zone }} roomId={device.roomId} onDone={watch.refresh} />}
      <footer class="door-foot">
        <p class="door-next figures">{words?.next}</p>
        {known && <HoursStrip spans={known.spans} now={now} zone={zone} />}
        <p class="door-badge figures" role="status">
          {badge(asOf, known?.view.staleSince ?? null, zone)}
        </p>
      </footer>
    </main>
  )
}

function badge(asOf: number | undefined, staleSince: string | null, zone: string): string {
  if (asOf !== undefined) return `No connection: as of ${timeIn(zone, asOf)}`
  return staleSince === null ? '' : `Sensor silent: occupancy as of ${timeIn(zone, Date.parse(staleSince))}`
}
