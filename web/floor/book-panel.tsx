import { useRef, useState } from 'preact/hooks'
import type { Booked, Room } from '../client/contract.ts'
import type { LiveRoom } from '../client/floor-watch.ts'
import type { Rest } from '../client/rest.ts'
import { meeting } from '../client/room-now.ts'
import { instantIn, zoneWords } from '../client/zone.ts'
import { Panel } from '../ui/panel.tsx'
import { BookFields } from './book-fields.tsx'
import { type Draft, faultsOf, newDraft, suggested } from './booking.ts'
import { DayLine } from './day-line.tsx'
import { dayScale } from './day-scale.ts'
import { PairBox } from './pair-box.tsx'
import { Refusal } from './refusal.tsx'
import { spanWords } from '../client/span-words.ts'
import { useBooking } from './use-booking.ts'
import { useDaySpans } from './use-day-spans.ts'

interface BookPanelProps {
  rest: Rest
  rooms: readonly Room[]
  live: ReadonlyMap<string, LiveRoom>
  roomId: string
  zone: string
  now: number
  /** Who asks manages rooms. */
  isManager: boolean
  onClose: () => void
  onBooked: (booked: Booked, draft: Draft) => void
}

/** The form that books a room, with the room's day above the buttons, and what a refused booking says. */
export function BookPanel({ rest, rooms, live, roomId, zone, now, isManager, onClose, onBooked }: BookPanelProps) {
  const [draft, setDraft] = useState<Draft>(() => newDraft(roomId, now, zone))
  const [isJudged, setJudged] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const closePanel = useRef(() => {})
  const { book, isBusy, refused, forget } = useBooking({
    rest,
    rooms,
    zone,
    onBooked: (booked, sent) => {
      onBooked(booked, sent)
      closePanel.current()
    },
  })
  const faults = faultsOf(draft, now, zone)
  const isFine = Object.keys(faults).length === 0
  const room = rooms.find(({ id }) => id === draft.roomId)

  const submit = () => {
    setJudged(true)
    if (isFine) void book(draft)
    else requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
  }
  const change = (next: Draft) => {
    setDraft(next)
    forget()
  }
  return (
    <Panel title="Book a room" onClose={onClose}>
      {(close) => {
        closePanel.current = close
        return (
          <>
            <form
              ref={form}
              class="book"
              noValidate
              onSubmit={(event) => {
                event.preventDefault()
                submit()
              }}
            >
              <BookFields draft={draft} faults={faults} isJudged={isJudged} rooms={rooms} onChange={change} />
              <WantedDay {...{ rest, live, draft, zone, now }} isFine={!(faults.date ?? faults.start ?? faults.end)} />
              {refused && (
                <Refusal
                  {...refused}
                  zone={zone}
                  isBusy={isBusy}
                  onTake={(suggestion) => {
                    const next = suggested(refused.draft, suggestion, zone)
                    setDraft(next)
                    void book(next)
                  }}
                  onSkip={() => void book(refused.draft, 'skip')}
                />
              )}
              <div class="book-actions">
                <button type="submit" class="button-main" aria-disabled={isBusy}>
                  {isBusy ? 'Booking…' : 'Book'}
                </button>
                <p class="soft small">Times are {zoneWords(zone, now)}.</p>
              </div>
            </form>
            {isManager && room && <PairBox key={room.id} {...{ rest, room, zone }} />}
          </>
        )
      }}
    </Panel>
  )
}

interface WantedDayProps extends Pick<BookPanelProps, 'rest' | 'live' | 'zone' | 'now'> {
  draft: Draft
  /** The times make sense. */
  isFine: boolean
}

/** The room's day with the wanted time in it. A hint only: the server alone judges. */
function WantedDay({ rest, live, draft, zone, now, isFine }: WantedDayProps) {
  const { roomId, date } = draft
  const spans = useDaySpans({ rest, live: live.get(roomId)?.spans, roomId, date, zone, now })
  const start = isFine ? instantIn(zone, date, draft.start) : 0
  const end = isFine ? instantIn(zone, date, draft.end) : 0
  const inTheWay = isFine ? meeting(spans ?? [], start, end) : []
  const scale = dayScale([spans ?? [], isFine ? [{ id: '', start, end, kind: '' }] : []], date || '2000-01-01', zone)
  return (
    <div class="book-day">
      <DayLine
        scale={scale}
        spans={spans ?? []}
        now={now}
        zone={zone}
        wanted={isFine ? { start, end, clashes: inTheWay.length > 0 } : undefined}
      />
      <p class="small book-hint" role="status">
        {hint(
          isFine,
          spans !== undefined,
          inTheWay.map((span) => spanWords(span, start, zone)),
        )}
      </p>
    </div>
  )
}

function hint(isFine: boolean, isKnown: boolean, taken: string[]): string {
  if (!isFine || !isKnown) return ''
  return taken.length === 0 ? 'Free at that time.' : `Taken then: ${taken.join(', ')}.`
}
