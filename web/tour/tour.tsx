import { SiteHead } from '../ui/site-head.tsx'

const PAGES = [
  ['/floor', 'Floor', 'Every room of a floor, now and next. Book one; a refusal says why and what would work.'],
  ['/panel', 'Room panel', 'The screen beside a door: free, reserved or in use, readable from five metres.'],
  ['/dashboard', 'Dashboard', 'All floors: what is booked against what is used, no-shows and minutes recovered.'],
  ['/docs', 'The API', 'Every operation, what it takes and every reason to be refused.'],
] as const

/** What there is to see. */
export function Tour() {
  return (
    <>
      <SiteHead page="/" />
      <main class="tour">
        <h1>Rooms, booked once and live everywhere</h1>
        <ul class="tour-pages">
          {PAGES.map(([address, name, what]) => (
            <li key={address}>
              <a href={address}>{name}</a>
              <p class="soft">{what}</p>
            </li>
          ))}
        </ul>
      </main>
    </>
  )
}
