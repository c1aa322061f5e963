import { useState } from 'preact/hooks'
import { createStore } from '../client/store.ts'
import { useStore } from '../ui/use-store.ts'
import { CodeBlock, ExchangeBlock } from './code-block.tsx'
import { counted, msWords } from './figures.ts'
import type { Guide } from './guide.ts'
import { type NodesSeen, isAlone, realtimeOf } from './nodes.ts'
import { Outage, type OutageResult, type OutageView, SPECTATORS } from './outage.ts'
import { Step, useRun } from './step.tsx'

const NONE = createStore<undefined>(undefined)

export function OutageStep({ session, nodes, office }: Guide) {
  const seen = useStore(nodes.nodes)
  const [outage, setOutage] = useState<Outage>()
  const view = useStore<OutageView | undefined>(outage?.view ?? NONE)
  const run = useRun(() => {
    const next = new Outage({ session, nodes, onNews: (items) => office.note(items) })
    setOutage(next)
    return next.run()
  })
  const all = realtimeOf(seen)
  return (
    <Step
      number={2}
      title="Kill a node"
      action="Kill one with -9"
      run={run}
      onAct={run.start}
      lead={
        <>
          {SPECTATORS} stock Socket.IO clients watch three rooms while bookings are made. In the middle of it one of the
          processes that serve them is killed, for real. Each client comes back to another one with its cursor.
        </>
      }
      obstacle={obstacleOf(seen)}
      outcome={view?.lost === undefined ? undefined : outcomeOf(view)}
      code={run.value && <OutageCode kill={run.value.kill} />}
    >
      {view && run.problem === undefined && <OutagePicture view={view} nodes={all.map(({ id }) => id)} />}
    </Step>
  )
}

function obstacleOf(nodes: NodesSeen): string | undefined {
  return isAlone(nodes) ? 'There is no other process to move to. Start with: npm start -- --nodes 2' : undefined
}

const PHASES: Record<OutageView['phase'], string> = {
  gathering: 'Opening the sockets…',
  booking: 'Booking…',
  killed: 'Killed. Booking on…',
  settling: 'Waiting until everybody has heard of everything…',
  waiting: 'Waiting for the process to come back…',
  done: '',
}

function OutagePicture({ view, nodes }: { view: OutageView; nodes: string[] }) {
  const { victim, revived, places, silence } = view
  const columns = [...new Set([...nodes, ...(victim ? [victim.id] : [])])].toSorted()
  const nowhere = places.filter(({ node }) => node === undefined).length
  return (
    <>
      {PHASES[view.phase] !== '' && <p class="soft">{PHASES[view.phase]}</p>}
      <ul class="node-boxes">
        {columns.map((id) => {
          const count = places.filter(({ node }) => node === id).length
          const isDead = victim?.id === id && revived === undefined
          return (
            <li key={id} class="node-box" data-dead={isDead}>
              <b>{id}</b>
              <span class="small soft figures">
                {isDead ? `process ${victim.pid} killed` : counted(count, 'socket')}
              </span>
              <span class="node-dots" aria-hidden="true">
                {Array.from({ length: count }, (_, i) => (
                  <span key={i} class="node-dot" />
                ))}
              </span>
            </li>
          )
        })}
      </ul>
      <dl class="facts figures">
        <dt>Bookings meanwhile</dt>
        <dd>{view.bookings}</dd>
        <dt>Announcements</dt>
        <dd>
          {view.told} of {view.bookings * places.length} arrived
        </dd>
        <dt>Gaps</dt>
        <dd>{view.gaps}</dd>
        <dt>Duplicates</dt>
        <dd>{view.duplicates}</dd>
        <dt>Without a connection</dt>
        <dd>
          {nowhere > 0
            ? counted(nowhere, 'socket')
            : silence.longest === undefined
              ? '–'
              : `${msWords(silence.median)} (median), ${msWords(silence.longest)} (longest)`}
        </dd>
        {revived && (
          <>
            <dt>{victim?.id}</dt>
            <dd>back as process {revived.pid}</dd>
          </>
        )}
      </dl>
    </>
  )
}

function outcomeOf({ victim, moved, bookings, lost, gaps, duplicates, silence }: OutageView): string {
  const went = `${victim?.id} was killed and ${counted(moved, 'socket')} moved within ${msWords(silence.longest)}.`
  return `${went} ${counted(bookings, 'booking')} meanwhile: lost ${lost}, gaps ${gaps}, duplicates ${duplicates}.`
}

const WATCH = `import { io } from 'socket.io-client'

const socket = io('ORIGIN', { transports: ['websocket'], auth: { token } })
const topic = \`room:\${roomId}\`
let cursor = {}
// After every reconnect, wherever it leads: from the cursor on, nothing twice, nothing missed.
socket.on('connect', () => socket.emit('topic.watch', { topic, ...cursor }, (ack) => {
  for (const item of ack.events ?? []) show(item)
  cursor = { epoch: ack.epoch, seq: ack.seq }
}))
socket.on('news', (items) => {
  for (const item of items) {
    if (item.topic === topic && item.seq !== cursor.seq + 1) throw new Error('never seen')
    show(item)
    cursor = { epoch: item.epoch, seq: item.seq }
  }
})`

function OutageCode({ kill }: { kill: OutageResult['kill'] }) {
  return (
    <>
      <ExchangeBlock what="The kill, which the demo's balancer does:" said={kill} />
      <p class="soft">What each of the sockets does:</p>
      <CodeBlock text={WATCH.replace('ORIGIN', location.origin)} />
    </>
  )
}
