import type { Balancer } from '../app/nodes/balancer.ts'
import { PagesRig } from './pages-rig.ts'
import type { ScreenPart } from './screen-part.ts'
import { type Dashboard, type Panel, openDashboard, openPanel, openPhone } from './screens.ts'

/** Three rooms on two realtime nodes, and the four screens of an office that look at them. */
export interface OfficeScreens extends AsyncDisposable {
  rig: PagesRig
  /** The first leads to realtime-1, the second to realtime-2. */
  doors: [Balancer & { url: string }, Balancer & { url: string }]
  /** Beside Ash, on realtime-1. */
  panelA: Panel
  /** Beside Birch, on realtime-2. */
  panelB: Panel
  /** The floor in a hand, on realtime-2. */
  phone: ScreenPart
  /** On realtime-1. */
  dashboard: Dashboard
}

/** undefined: this machine has no browser. */
export async function openOfficeScreens(): Promise<OfficeScreens | undefined> {
  const rig = await PagesRig.open(['Ash', 'Birch', 'Cedar'], { api: 2, realtime: 2, worker: 1 })
  if (rig === undefined) return undefined
  await using stack = new AsyncDisposableStack()
  stack.use(rig)
  const doors: OfficeScreens['doors'] = [await rig.door('realtime-1'), await rig.door('realtime-2')]
  const [{ url: first }, { url: second }] = doors
  const [panelA, panelB, phone, dashboard] = await Promise.all([
    openPanel(rig, first, { name: 'panel A', room: 'Ash', viewport: { width: 1280, height: 800 } }),
    openPanel(rig, second, { name: 'panel B', room: 'Birch', viewport: { width: 800, height: 1280 } }),
    openPhone(rig, second),
    openDashboard(rig, first),
  ])
  const opened = stack.move()
  return { rig, doors, panelA, panelB, phone, dashboard, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}
