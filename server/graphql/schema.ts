import './people.ts'
import './rooms.ts'
import './room-state.ts'
import './meetings.ts'
import './availability.ts'
import './meeting-queries.ts'
import './meeting-commands.ts'
import './plans.ts'
import './suggestions.ts'
import './user-time.ts'
import './answers.ts'
import './live.ts'
import './room-live.ts'
import './holds.ts'
import './availability-live.ts'
import { builder } from './builder.ts'

/** Everything the files above have added: one line per context. */
export const schema = builder.toSchema()
