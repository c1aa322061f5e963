import { test } from 'vitest'
import { TestNetwork } from '../network.ts'
import { foundOffice, span } from './office.ts'
test('debug', async () => {
  const t0 = performance.now()
  await using network = await TestNetwork.open({ api: 1, realtime: 0, worker: 0 })
  console.log('opened', performance.now() - t0)
  const office = await foundOffice(network, { people: 1, rooms: 1 })
  console.log('founded', performance.now() - t0)
  const booked = await office.call('POST', '/meetings', { body: { title: 'x', ...span(office.at(0)), roomIds: office.rooms } })
  console.log((await office.call('DELETE', `/meetings/${booked.body.meeting.id}`)).text)
  const booked2 = await office.call('POST', '/meetings', { body: { title: 'x', ...span(office.at(0)), roomIds: office.rooms } })
  console.log((await office.call('POST', `/meetings/${booked2.body.meeting.id}/cancel`, { body: {} })).text)
  console.log((await network.node('api-1').log()).split('\n').filter((l) => l.includes('failed')).join('\n'))
})
