import { useRef, useState } from 'preact/hooks'
import { CodeBlock, ExchangeBlock } from './code-block.tsx'
import { type DuetMeeting, type DuetResult, openDuet, playDuet } from './duet.ts'
import { counted, msWords, quantile } from './figures.ts'
import type { Guide } from './guide.ts'
import { Step, useRun } from './step.tsx'

/** How long the two windows may take to open before the typing begins anyway. */
const OPEN_MS = 6_000
/** A page that is there still fetches its document. */
const SETTLE_MS = 800

export function DuetStep({ demo, session, colleagues, nodes }: Guide) {
  const [meeting, setMeeting] = useState<DuetMeeting>()
  const [pins, setPins] = useState<(string | undefined)[]>([])
  const loads = useRef<(() => void) | undefined>(undefined)
  const people = demo.racers.slice(0, 2)
  const run = useRun(async () => {
    const opened = meeting ?? (await openDuet(session, colleagues, people))
    const wanted = meeting === undefined ? await nodes.pair() : pins
    if (meeting === undefined) {
      setPins(wanted)
      setMeeting(opened)
      await framesOpen()
    }
    return playDuet(colleagues, people, { meetingId: opened.id, nodes: wanted })
  })

  function framesOpen(): Promise<void> {
    let open = 0
    return new Promise((done) => {
      const limit = setTimeout(done, OPEN_MS)
      loads.current = () => {
        if (++open < 2) return
        clearTimeout(limit)
        setTimeout(done, SETTLE_MS)
      }
    })
  }

  return (
    <Step
      number={3}
      title="Type together"
      action={meeting === undefined ? 'Open two windows' : 'Let them type again'}
      run={run}
      onAct={run.start}
      lead="One meeting in two windows, each connected to another node. Two colleagues type at the same time; type along in either window yourself."
      outcome={run.value && outcomeOf(run.value)}
      code={meeting && <DuetCode meeting={meeting} />}
    >
      {meeting && (
        <div class="frames">
          {pins.map((node, i) => (
            <figure key={i}>
              <figcaption class="small soft">{node ?? 'The one process'}</figcaption>
              <iframe
                title={`The meeting, on ${node ?? 'the one process'}`}
                src={`/meeting${node === undefined ? '' : `?node=${node}`}#${meeting.id}`}
                onLoad={() => loads.current?.()}
              />
            </figure>
          ))}
        </div>
      )}
    </Step>
  )
}

function outcomeOf({ letters, delays, isEqual }: DuetResult): string {
  const took = `${msWords(quantile(delays, 0.5))} (median), ${msWords(quantile(delays, 1))} (longest)`
  const equal = isEqual ? 'Both copies are the same.' : 'The copies differ.'
  return `${counted(letters, 'letter')} typed on both sides, on the other node after ${took}. ${equal}`
}

const PROVIDER = `import * as Y from 'yjs'
import { WebsocketProvider } from 'y-websocket'

const doc = new Y.Doc()
const provider = new WebsocketProvider('ORIGIN/yjs', 'meeting:ID', doc, { params: { token } })
doc.getXmlFragment('notes').observeDeep(() => console.log(doc.getXmlFragment('notes').toString()))`

function DuetCode({ meeting }: { meeting: DuetMeeting }) {
  const origin = location.origin.replace(/^http/, 'ws')
  return (
    <>
      <ExchangeBlock what="The meeting they write in:" said={meeting.booked} />
      <p class="soft">Each writer is a stock y-websocket client:</p>
      <CodeBlock text={PROVIDER.replace('ORIGIN', origin).replace('ID', meeting.id)} />
    </>
  )
}
