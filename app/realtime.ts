import type { Server } from 'node:http'
import { openDoors } from '../realtime/doors.ts'
import { openGateway } from '../realtime/gateway.ts'
import { Newsroom } from '../realtime/newsroom.ts'
import type { Context } from './context.ts'
import { topicSources } from './topic-sources.ts'

/** The live tier of this process: its part of the news, and a door for each kind of client. */
export async function openRealtime(context: Context, server: Server): Promise<AsyncDisposable> {
  await using opened = new AsyncDisposableStack()
  const deps = {
    ...context,
    authenticate: context.identity.authenticate,
    onRevoked: (listener: (sessionId: string) => void) => context.identity.revocations.onRevoked(listener),
    topicSources,
  }
  const newsroom = opened.use(new Newsroom(deps))
  const gateway = opened.use(await openGateway(deps, newsroom))
  openDoors(server, [gateway])
  return opened.move()
}
