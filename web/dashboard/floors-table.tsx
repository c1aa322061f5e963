import { hashFor } from '../ui/use-hash.ts'
import { bookedNow } from './booked-now.ts'
import type { DashboardFloor } from './dashboard-shapes.ts'

interface FloorsTableProps {
  floors: readonly DashboardFloor[]
  /** Id of the floor whose rooms are shown. */
  chosen: string
}

/** Floor by floor: what is booked above what is occupied, on one scale. The figures are a table; the bars repeat them. */
export function FloorsTable({ floors, chosen }: FloorsTableProps) {
  const most = Math.max(1, ...floors.map(({ rooms }) => rooms))
  const isOneBuilding = new Set(floors.map(({ building }) => building)).size === 1
  return (
    <section class="floors-part" aria-label="Floors">
      <table class="floors-table figures">
        <thead>
          <tr class="soft small">
            <th scope="col">Floor</th>
            <th scope="col">
              <span class="key" data-tone="booked">
                Booked
              </span>{' '}
              <span class="key" data-tone="occupied">
                Occupied
              </span>
            </th>
            <th scope="col">Free</th>
            <th scope="col">No-shows</th>
            <th scope="col">Recovered</th>
          </tr>
        </thead>
        <tbody>
          {floors.map((floor) => (
            <tr key={floor.floorId} data-chosen={floor.floorId === chosen}>
              <th scope="row">
                <a href={hashFor('floor', floor.floorId)} aria-current={floor.floorId === chosen ? 'true' : undefined}>
                  {floor.name}
                  {!isOneBuilding && <span class="soft small floors-building">{floor.building}</span>}
                </a>
              </th>
              <td class="bars">
                <Bar tone="booked" name="booked" value={bookedNow(floor)} rooms={floor.rooms} most={most} />
                <Bar tone="occupied" name="occupied" value={floor.occupied} rooms={floor.rooms} most={most} />
              </td>
              <td>
                {floor.free} <span class="soft small">of {floor.rooms}</span>
              </td>
              <td>{floor.noShowsToday}</td>
              <td>
                {floor.recoveredMinutesToday} <span class="soft small">min</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

interface BarProps {
  tone: 'booked' | 'occupied'
  name: string
  value: number
  rooms: number
  /** Rooms of the largest floor: all bars share its scale. */
  most: number
}

function Bar({ tone, name, value, rooms, most }: BarProps) {
  return (
    <p class="bar" data-tone={tone}>
      <span class="bar-room" aria-hidden="true" style={{ width: `${(100 * rooms) / most}%` }}>
        <span class="bar-fill" style={{ width: `${rooms === 0 ? 0 : (100 * value) / rooms}%` }} />
      </span>
      <span class="bar-value">
        {value} <span class="unseen">{name}</span>
      </span>
    </p>
  )
}
