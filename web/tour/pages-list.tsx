const PAGES = [
  ['/floor', 'Floor', 'Every room of a floor, now and next. Book one; a refusal says why and what would work.'],
  [
    '/meet',
    'Find a time',
    'Everybody’s day by their own clocks: drag a block, hold it, book it; and your own calendar.',
  ],
  ['/meeting', 'Meetings', 'Agenda, notes and actions of a meeting, written together; what is not stored yet is said.'],
  ['/dashboard', 'Dashboard', 'All floors: what is booked against what is used, no-shows and minutes recovered.'],
  ['/panel', 'Room panel', 'The screen beside a door: free, reserved or in use, readable from five metres.'],
  ['/docs', 'The API', 'Every operation, what it takes and every reason to be refused.'],
] as const

/** Where to go from here. */
export function PagesList() {
  return (
    <ul class="tour-pages">
      {PAGES.map(([address, name, what]) => (
        <li key={address}>
          <a href={address}>{name}</a>
          <p class="soft">{what}</p>
        </li>
      ))}
    </ul>
  )
}
