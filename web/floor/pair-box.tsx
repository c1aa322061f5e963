import { useState } from 'preact/hooks'
import type { Answer, PairingCode, Room } from '../client/contract.ts'
import { newKey } from '../client/new-key.ts'
import type { Rest } from '../client/rest.ts'
import { timeIn } from '../client/zone.ts'
import { ProblemLine } from '../ui/problem-line.tsx'
import { QrCode } from '../ui/qr-code.tsx'

interface PairBoxProps {
  rest: Rest
  room: Room
  zone: string
}

/** For who manages rooms: the code that makes a tablet this room's panel, large enough to read across a corridor. */
export function PairBox({ rest, room, zone }: PairBoxProps) {
  const [answer, setAnswer] = useState<Answer<PairingCode>>()
  const [isBusy, setBusy] = useState(false)
  const ask = async () => {
    if (isBusy) return
    setBusy(true)
    setAnswer(await rest.post<PairingCode>('/auth/devices/pair', { roomId: room.id }, newKey()))
    setBusy(false)
  }
  const address = `${location.origin}/panel`
  return (
    <section class="pair-box" aria-label="Room panel">
      <div class="pair-ask">
        <p class="soft small">A tablet beside the door shows how {room.name} stands.</p>
        <button type="button" class="button" aria-disabled={isBusy} onClick={() => void ask()}>
          {answer?.ok ? 'Another code' : 'Pair a panel'}
        </button>
      </div>
      <div role="status">
        {answer && !answer.ok && <ProblemLine problem={answer.problem} />}
        {answer?.ok && (
          <div class="pair-code">
            <QrCode text={`${address}#code=${answer.value.code}`} label={`Leads to ${address}`} />
            <div>
              <p class="pair-digits figures">
                {answer.value.code.slice(0, 3)} {answer.value.code.slice(3)}
              </p>
              <p class="soft small">
                Enter it at <b>{address}</b> on the tablet, or scan this. Good until{' '}
                {timeIn(zone, Date.parse(answer.value.expiresAt))}.
              </p>
            </div>
          </div>
        )}
      </div>
    </section>
  )
}
