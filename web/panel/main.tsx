import { render } from 'preact'
import { Device } from '../client/device.ts'
import '../ui/tokens.css'
import '../ui/base.css'
import { useStore } from '../ui/use-store.ts'
import './panel.css'
import './pair.css'
import { PairScreen } from './pair-screen.tsx'
import { RoomScreen } from './room-screen.tsx'

const device = new Device()
render(<Page />, document.body)

function Page() {
  const state = useStore(device.state)
  if (state.device === undefined) return <PairScreen device={device} reason={state.reason} />
  return <RoomScreen key={state.device.id} credentials={device} device={state.device} />
}
