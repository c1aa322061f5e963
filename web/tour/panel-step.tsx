import { useState } from 'preact/hooks'
import type { PairingCode, Room } from '../client/contract.ts'
import { Device } from '../client/device.ts'
import { QrCode } from '../ui/qr-code.tsx'
import { ExchangeBlock } from './code-block.tsx'
import { type Exchange, demand } from './exchange.ts'
import type { Guide } from './guide.ts'
import { Refused } from './refused.ts'
import { Step, useRun } from './step.tsx'

const HOUR_MS = 3_600_000
const NAME = 'Tour'

interface PanelResult {
  room: Room
  pairing: Exchange
  /** For the phone: a code is used up by who uses it. */
  phoneCode: string
}

export function PanelStep({ session }: Guide) {
  const [device] = useState(() => new Device())
  const run = useRun(async (): Promise<PanelResult> => {
    await sendAwayOld(session)
    const now = Date.now()
    const span = `startTime=${new Date(now).toISOString()}&endTime=${new Date(now + HOUR_MS).toISOString()}`
    const free = await demand(session, 'GET', `/rooms/available?${span}&capacity=4`)
    const room = (free.answer as { items: Room[] }).items[0]
    if (room === undefined) throw new Refused('No room is free for an hour just now.')
    const pair = () => demand(session, 'POST', '/auth/devices/pair', { roomId: room.id, name: NAME })
    const [pairing, second] = [await pair(), await pair()]
    const refused = await device.claim((pairing.answer as PairingCode).code)
    if (refused !== undefined) throw new Refused(refused)
    return { room, pairing, phoneCode: (second.answer as PairingCode).code }
  })
  const result = run.value
  const address = result && `${location.origin}/panel#code=${result.phoneCode}`
  return (
    <Step
      number={4}
      title="Open a panel"
      action={result ? 'Pair with another room' : 'Pair a panel'}
      run={run}
      onAct={run.start}
      lead="The screen beside a door, paired with six digits. Take the room, extend, end: every other screen follows within a blink."
      outcome={result && `This panel stands beside ${result.room.name}. Take the room and watch the floor follow.`}
      code={result && <ExchangeBlock what="The pairing:" said={result.pairing} />}
    >
      {result && address && (
        <div class="panel-demo">
          <iframe
            key={result.pairing.path + result.phoneCode}
            title={`The panel of ${result.room.name}`}
            src="/panel"
          />
          <div class="panel-phone">
            <QrCode text={address} label={`Leads to ${address}`} />
            <p class="small soft">
              On a phone or tablet: scan it, or open <b>{location.origin}/panel</b> and enter{' '}
              <b class="figures">
                {result.phoneCode.slice(0, 3)} {result.phoneCode.slice(3)}
              </b>
              .{isLocal() && ' Other machines reach this address only after a start with HOST=0.0.0.0.'}
            </p>
          </div>
        </div>
      )}
    </Step>
  )
}

function isLocal(): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname)
}

/** What earlier clicks paired is not left lying about. */
async function sendAwayOld(session: Guide['session']): Promise<void> {
  const { answer } = await demand(session, 'GET', '/auth/devices?limit=500')
  const { items } = answer as { items: { id: string; name: string; revokedAt: string | null }[] }
  const old = items.filter(({ name, revokedAt }) => name === NAME && revokedAt === null)
  await Promise.all(old.map(({ id }) => demand(session, 'DELETE', `/auth/devices/${id}`)))
}
