import { dayIn, timeIn } from '../client/zone.ts'
import { CodeBlock, ExchangeBlock } from './code-block.tsx'
import { ownerOf } from './demo.ts'
import { loginWords } from './exchange.ts'
import { counted, msWords } from './figures.ts'
import type { Guide } from './guide.ts'
import { ATTEMPTS, type RaceResult, runRace } from './race.ts'
import { Step, useRun } from './step.tsx'

const DAY_MS = 86_400_000

export function RaceStep({ demo, session, colleagues }: Guide) {
  const run = useRun(() => runRace(demo, session, colleagues))
  const result = run.value
  return (
    <Step
      number={1}
      title="100 people race for this room"
      action="Race"
      run={run}
      onAct={run.start}
      lead={
        <>
          {counted(ATTEMPTS, 'booking')} of one room for one half hour, sent at the same moment by {demo.racers.length}{' '}
          colleagues. One may win; everybody else is told why, and what would work instead.
        </>
      }
      outcome={result && outcomeOf(result)}
      code={result && <RaceCode result={result} email={ownerOf(demo).email} password={demo.password} />}
    >
      {result && (
        <>
          <div class="race" aria-hidden="true">
            {result.groups.flatMap(({ status, words, count }) =>
              Array.from({ length: count }, (_, i) => (
                <span key={`${words} ${i}`} class="race-dot" data-status={status} />
              )),
            )}
          </div>
          <ul class="tally">
            {result.groups
              .toSorted((a, b) => a.status - b.status)
              .map(({ status, words, count }) => (
                <li key={`${status} ${words}`}>
                  <b class="figures">{count}</b> × <span class="figures">{status}</span> {words}
                </li>
              ))}
          </ul>
          <dl class="facts figures">
            <dt>One answer</dt>
            <dd>
              {msWords(result.p50)} (median), {msWords(result.max)} (longest)
            </dd>
            <dt>All of them</dt>
            <dd>{msWords(result.totalMs)}</dd>
            <dt>Answered by</dt>
            <dd>{result.nodes.map(([node, count]) => `${node}: ${count}`).join(', ')}</dd>
            <dt>In the room afterwards</dt>
            <dd>{counted(result.standing, 'booking')}</dd>
          </dl>
        </>
      )}
    </Step>
  )
}

function outcomeOf({ room, startTime, endTime, winners, standing }: RaceResult): string {
  const at = Date.parse(startTime)
  const when = `${dayIn('UTC', at)}, ${timeIn('UTC', at)}–${timeIn('UTC', Date.parse(endTime))} UTC`
  const stands = standing === 1 ? 'exactly one booking stands' : `${counted(standing, 'booking')} stand`
  return `${room.name}, ${when}: ${winners} won, ${ATTEMPTS - winners} were told why not, ${stands}.`
}

function RaceCode({ result, email, password }: { result: RaceResult; email: string; password: string }) {
  const { room, startTime, endTime, won, refused, check } = result
  const later = (time: string) => new Date(Date.parse(time) + DAY_MS).toISOString()
  const body = { title: 'The race', startTime: later(startTime), endTime: later(endTime), timezone: 'UTC' }
  return (
    <>
      <p class="soft">
        A browser sends six requests to one server at a time; the others wait in it. In a terminal all of them are on
        their way at once. The same race a day later, which prints how often each status came:
      </p>
      <CodeBlock
        text={[
          loginWords(email, password),
          `seq ${ATTEMPTS} | xargs -P ${ATTEMPTS} -I{} curl -s -o /dev/null -w '%{http_code}\\n' \\`,
          `  -X POST '${location.origin}/rooms/${room.id}/book' \\`,
          `  -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' \\`,
          `  -d '${JSON.stringify(body)}' | sort | uniq -c`,
        ].join('\n')}
      />
      {won && <ExchangeBlock what="The one that won:" said={won} />}
      {refused && <ExchangeBlock what="One of the others:" said={refused} />}
      <ExchangeBlock what="What stands in the room afterwards:" said={check} />
    </>
  )
}
