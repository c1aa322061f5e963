import type { Plan } from './plan.ts'
import { changeWords, relaxed } from './relaxation.ts'
import type { Relaxation } from './shapes.ts'

interface NothingFitsProps {
  blocking: readonly { sentence: string }[]
  /** The smallest first. */
  relaxations: readonly Relaxation[]
  plan: Plan
  zone: string
  /** `date`: where what is found then lies, unless it is the present week. */
  onRelax: (plan: Plan, date: string | undefined) => void
}

/** Why nothing fits, and what would help: each way is taken by pressing it. */
export function NothingFits({ blocking, relaxations, plan, zone, onRelax }: NothingFitsProps) {
  const [smallest, ...others] = relaxations
  return (
    <>
      <p>
        <strong>Nothing fits in this week.</strong> {blocking.map(({ sentence }) => sentence).join(' ')}
      </p>
      {smallest && (
        <>
          <h3 id="helps-title">The smallest change that helps</h3>
          <ul class="slots" aria-labelledby="helps-title">
            <Way relaxation={smallest} {...{ plan, zone, onRelax }} />
          </ul>
        </>
      )}
      {others.length > 0 && (
        <>
          <h3 id="others-title">Or</h3>
          <ul class="slots" aria-labelledby="others-title">
            {others.map((relaxation) => (
              <Way key={relaxation.sentence} {...{ relaxation, plan, zone, onRelax }} />
            ))}
          </ul>
        </>
      )}
    </>
  )
}

type WayProps = Pick<NothingFitsProps, 'plan' | 'zone' | 'onRelax'> & { relaxation: Relaxation }

function Way({ relaxation, plan, zone, onRelax }: WayProps) {
  const after = relaxed(relaxation, plan, zone)
  const words = (
    <>
      <span class="slot-time">{changeWords(relaxation, plan, zone)}</span>{' '}
      <span class="small way-count">{relaxation.slots === 1 ? '1 time' : `${relaxation.slots} times`}</span>
    </>
  )
  if (after === undefined) return <li class="way">{words}</li>
  return (
    <li>
      <button type="button" class="slot" onClick={() => onRelax(after.plan, after.date)}>
        {words}
      </button>
    </li>
  )
}
