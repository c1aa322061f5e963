import { holdsState } from '../db/holds/queries.ts'
import { seeMeeting } from '../db/meetings/queries.ts'
import { agendaState } from '../db/people/agenda.ts'
import { dashboardTopicState } from '../db/rooms/dashboard.ts'
import { floorTopicState } from '../db/rooms/room-state.ts'
import { roomState } from '../db/rooms/schedule.ts'
import type { Actor } from '../domain/identity/actor.ts'
import { can } from '../domain/identity/can.ts'
import { seriesResource } from '../domain/meetings/open-meeting.ts'
import type { OrganizationTx } from '../db/transaction.ts'
import type { TopicSources } from '../realtime/news-deps.ts'

/** What each kind of topic shows when it is joined, and to whom. */
export const topicSources: TopicSources = {
  room: roomState,
  person: agendaState,
  meeting: meetingState,
  holds: holdsState,
  floor: floorTopicState,
  dashboard: dashboardTopicState,
}

async function meetingState(tx: OrganizationTx, actor: Actor, id: string): Promise<object | undefined> {
  const seen = await seeMeeting(tx, actor, id)
  if (seen === undefined || !can(actor, 'watch', seriesResource(seen.meeting, seen.participants))) return undefined
  return seen.view
}
