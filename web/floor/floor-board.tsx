import { useEffect, useState } from 'preact/hooks'
import type { Answer, Booked, Floor, Room, User } from '../client/contract.ts'
import { type FloorWatch, watchFloor } from '../client/floor-watch.ts'
import type { Rest } from '../client/rest.ts'
import { roomNow } from '../client/room-now.ts'
import type { Topics } from '../client/topics.ts'
import { dateIn } from '../client/zone.ts'
import { ProblemLine } from '../ui/problem-line.tsx'
import { useNow } from '../ui/use-now.ts'
import { useStore } from '../ui/use-store.ts'
import { BookPanel } from './book-panel.tsx'
import { type Draft, bookedWords } from './booking.ts'
import { dayScale } from './day-scale.ts'
import { RoomCard } from './room-card.tsx'

interface FloorBoardProps {
  rest: Rest
  topics: Topics
  user: User
  floor: Floor
  zone: string
}

/** The rooms of one floor, kept live as long as it is shown. */
export function FloorBoard({ rest, topics, user, floor, zone }: FloorBoardProps) {
  const [rooms, setRooms] = useState<Answer<Room[]>>()
  const [watch, setWatch] = useState<FloorWatch>()
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    let opened: FloorWatch | undefined
    let isShown = true
    void rest.list<Room>(`/rooms?floorId=${floor.id}&active=true`).then((answer) => {
      if (!isShown) return
      setRooms(answer)
      if (!answer.ok) return
      opened = watchFloor(
        topics,
        answer.value.map((room) => room.id),
      )
      setWatch(opened)
    })
    return () => {
      isShown = false
      opened?.close()
    }
  }, [floor.id, attempt])

  if (rooms === undefined) return <div class="board-empty" aria-busy="true" />
  if (!rooms.ok) {
    return (
      <div class="board-empty" role="alert">
        <ProblemLine problem={rooms.problem} />
        <button type="button" class="button" onClick={() => setAttempt(attempt + 1)}>
          Try again
        </button>
      </div>
    )
  }
  if (watch === undefined) return <div class="board-empty" aria-busy="true" />
  return <LiveBoard {...{ rest, topics, user, zone, watch }} rooms={rooms.value} />
}

interface LiveBoardProps extends Pick<FloorBoardProps, 'rest' | 'topics' | 'user' | 'zone'> {
  rooms: readonly Room[]
  watch: FloorWatch
}

/** States change as minutes pass, also when nothing is heard. */
const TICK_MS = 10_000
/** Roles that may pair panels; the server judges. */
const ROOM_MANAGERS = ['owner', 'admin', 'room_manager']
/** Long enough to read twice. */
const NOTICE_MS = 10_000

function LiveBoard({ rest, topics, user, zone, rooms, watch }: LiveBoardProps) {
  const live = useStore(watch.rooms)
  const { phase } = useStore(topics.link)
  const now = useNow(TICK_MS)
  const [booking, setBooking] = useState<string>()
  const [notice, setNotice] = useState<{ words: string; meetingId: string }>()
  useEffect(() => {
    if (notice === undefined) return
    const timer = setTimeout(() => setNotice(undefined), NOTICE_MS)
    return () => clearTimeout(timer)
  }, [notice])
  const booked = ({ meeting, warnings }: Booked, draft: Draft) =>
    setNotice({ words: bookedWords(draft, rooms, warnings), meetingId: meeting.id })

  const known = rooms.flatMap((room) => live.get(room.id) ?? [])
  const free = known.filter((room) => !room.closed && roomNow(room.spans, now).current === undefined).length
  const scale = dayScale(
    known.map((room) => room.spans),
    dateIn(zone, now),
    zone,
  )
  const [first] = rooms
  if (first === undefined) return <p class="board-empty soft">There are no rooms on this floor.</p>
  return (
    <section class="board" aria-label="Rooms" data-stale={phase === 'reconnecting'}>
      <div class="board-head">
        <p class="board-count figures">
          {known.length < rooms.length ? ' ' : `${free} of ${rooms.length} rooms free now`}
        </p>
        <button type="button" class="button-main" onClick={() => setBooking(first.id)}>
          Book a room
        </button>
      </div>
      <ul class="cards">
        {rooms.map((room) => (
          <RoomCard
            key={room.id}
            room={room}
            live={live.get(room.id)}
            {...{ now, zone, scale }}
            onBook={() => setBooking(room.id)}
          />
        ))}
      </ul>
      <p class="notice" role="status">
        {notice && (
          <>
            <span>{notice.words}</span> <a href={`/meeting#${notice.meetingId}`}>Write its agenda</a>
          </>
        )}
      </p>
      {booking !== undefined && (
        <BookPanel
          {...{ rest, rooms, live, zone, now }}
          isManager={ROOM_MANAGERS.includes(user.role)}
          roomId={booking}
          onClose={() => setBooking(undefined)}
          onBooked={booked}
        />
      )}
    </section>
  )
}
