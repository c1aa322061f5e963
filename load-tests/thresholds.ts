/** What a figure must reach, and why it is that and not more or less. */
export interface Goal {
  is: '>=' | '<='
  bound: number
  reason: string
}

/** By scenario and the name of the figure. A figure that is not here informs only. */
export const THRESHOLDS: Record<string, Record<string, Goal>> = {
  api: {
    ours: {
      is: '>=',
      bound: 1_000,
      reason: 'What the founding document asks of an installation, here of one process.',
    },
    'ratio to bare': {
      is: '>=',
      bound: 0.5,
      reason:
        'Tokens, rights, tenant wall, validation and a booking that cannot collide, for at most the price of the rest.',
    },
    'p95 at 1,000/s': { is: '<=', bound: 200, reason: 'The founding document.' },
    'errors at 1,000/s': { is: '<=', bound: 0.1, reason: 'The founding document, in percent.' },
    'statements per request': { is: '<=', bound: 6, reason: 'More would mean that somebody asks row by row.' },
    'SQL p99': { is: '<=', bound: 50, reason: 'The founding document asks that of the average.' },
  },
  availability: {
    'change to delta, p99': {
      is: '<=',
      bound: 150,
      reason: 'Who looks at a heat map sees it move; a watch is told something at most every 100 ms.',
    },
    'a realtime node killed: longest silence': {
      is: '<=',
      bound: 2_000,
      reason: 'Reconnecting and a new snapshot for a thousand watchers at once.',
    },
    gaps: { is: '<=', bound: 0, reason: 'Numbers of a watch are consecutive.' },
    'other faults': { is: '<=', bound: 0, reason: 'Nothing comes that nobody asked for.' },
    'changes not seen by somebody who looks': { is: '<=', bound: 0, reason: 'Everything committed is shown.' },
    'watchers wrong at the end': { is: '<=', bound: 0, reason: 'Judged by what was booked, not by another snapshot.' },
    'bookings refused': { is: '<=', bound: 0, reason: 'A load that was not served measures nothing.' },
  },
  booking: {
    'ratio to identical rows': {
      is: '>=',
      bound: 0.6,
      reason:
        'Deciding, reading facts and answering may cost less than two thirds of what writing the rows costs anyway.',
    },
    'ratio to a bare insert': {
      is: '>=',
      bound: 0.35,
      reason: 'A safe, numbered, audited booking in at most three times the time of one row that protects nobody.',
    },
    'race of 40, p99': {
      is: '<=',
      bound: 500,
      reason:
        'Forty whole answers, 39 with what is in the way and what is free instead, before anybody wonders (plain inserts: up to 17 s).',
    },
    'race of 40, rounds with exactly one winner': { is: '>=', bound: 1, reason: 'One slot, one meeting.' },
    'hot organisation to 50': {
      is: '>=',
      bound: 0.5,
      reason: 'One busy organisation may wait for its own locks, but must not lose most of the machine to them.',
    },
    'meeting of 500 people, p50': {
      is: '<=',
      bound: 1_000,
      reason: 'The largest meeting the contract allows is still one click.',
    },
    'series of 52': {
      is: '>=',
      bound: 2_000,
      reason: 'Occurrences: a year of weekly meetings must be much cheaper than 52 bookings.',
    },
    'overlapping claims': {
      is: '<=',
      bound: 0,
      reason: 'Promise 1, judged by a self-join that knows nothing of the constraint.',
    },
    'errors to callers': { is: '<=', bound: 0, reason: 'Writers queue in one order, so nobody hears of a deadlock.' },
  },
  docs: {
    'key to others, p99': {
      is: '<=',
      bound: 50,
      reason: 'Within a blink, on either node, the write to the store included.',
    },
    'key to stored, p99': {
      is: '<=',
      bound: 150,
      reason: 'Commits gather 25 ms of everybody; a letter is safe before the next one is typed (6 a second).',
    },
    'processor time, ratio to Hocuspocus': {
      is: '<=',
      bound: 0.7,
      reason: 'Bytes are passed on, not taken apart and put together; what acks and durability cost is in it.',
    },
    'memory, ratio to Hocuspocus': { is: '<=', bound: 1, reason: 'No tree is kept; rights that are watched are.' },
    'lost updates': { is: '<=', bound: 0, reason: 'Promise 11.' },
    'diverged documents': { is: '<=', bound: 0, reason: 'Promise 11.' },
  },
  news: {
    'commit to client, p99': {
      is: '<=',
      bound: 50,
      reason: 'Within a blink: under what a person perceives as instant.',
    },
    'a realtime node killed: silence, p99': {
      is: '<=',
      bound: 1_000,
      reason: 'A client misses nothing and waits less than a second.',
    },
    'the relay killed: silence, p99': {
      is: '<=',
      bound: 1_000,
      reason: 'The standby takes the lease over within a second.',
    },
    gaps: { is: '<=', bound: 0, reason: 'Promise 10.' },
    duplicates: { is: '<=', bound: 0, reason: 'Promise 10.' },
    'clients behind at the end': { is: '<=', bound: 0, reason: 'Everything committed reaches everybody who watches.' },
    'bookings refused': { is: '<=', bound: 0, reason: 'A load that was not served measures nothing.' },
  },
  recurrence: {
    '1 year: ratio to rrule + date-fns-tz': {
      is: '>=',
      bound: 20,
      reason: 'A library of objects and formatted dates against whole numbers.',
    },
    '1 year: ratio to rrule-temporal': {
      is: '>=',
      bound: 4,
      reason: 'The quickest of the libraries written in JavaScript.',
    },
    '1 year: ratio to rrule-rust': {
      is: '>=',
      bound: 1.5,
      reason: 'Native code that still makes an object of every occurrence.',
    },
    '1 year: with recurrence ids, ratio to rrule-rust': {
      is: '>=',
      bound: 1.5,
      reason: 'What booking a series asks for: the instants and their names.',
    },
    '10 years: ratio to rrule + date-fns-tz': {
      is: '>=',
      bound: 20,
      reason: 'A library of objects and formatted dates against whole numbers.',
    },
    '10 years: ratio to rrule-temporal': {
      is: '>=',
      bound: 4,
      reason: 'The quickest of the libraries written in JavaScript.',
    },
    '10 years: ratio to rrule-rust': {
      is: '>=',
      bound: 1.5,
      reason: 'Native code that still makes an object of every occurrence.',
    },
    '10 years: with recurrence ids, ratio to rrule-rust': {
      is: '>=',
      bound: 1.5,
      reason: 'What booking a series asks for: the instants and their names.',
    },
    'answers that differ outside gaps': {
      is: '<=',
      bound: 0,
      reason: 'What is quick has to be right.',
    },
  },
  slots: {
    '200 people, from kept months': { is: '<=', bound: 1, reason: 'In a blink, whatever else the process does.' },
    '200 people, from kept months to AND': {
      is: '<=',
      bound: 3,
      reason: 'Reading everybody’s minutes once is the least anybody must do; hours, holds, runs and text come on top.',
    },
    '200 people, from rows': { is: '<=', bound: 1, reason: 'Zones and every meeting laid out anew, nothing kept.' },
    '200 people, from rows to AND': {
      is: '<=',
      bound: 3,
      reason: 'The same from what the store sends: 32,000 meetings and four zones.',
    },
    'plan: scans of the whole table': { is: '<=', bound: 0, reason: 'One range of an index per person.' },
    'endpoint to count(*), 200 people, p50': {
      is: '<=',
      bound: 2,
      reason: 'Finding the rows is what nobody gets around; rights, zones, AND and HTTP for no more than that again.',
    },
    'endpoint to count(*), 200 people, p99': {
      is: '<=',
      bound: 4,
      reason: 'Who has just been booked is read anew, and bookings take the same processor.',
    },
    'bookings refused': { is: '<=', bound: 0, reason: 'A load that was not served measures nothing.' },
  },
}
