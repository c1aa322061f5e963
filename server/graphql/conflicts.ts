import { conflictsFor, conflictsQuery } from '../rest/conflicts.ts'
import { parsed, withoutNulls } from './arguments.ts'
import { builder } from './builder.ts'
import { ConflictType } from './meeting-commands.ts'
import { given } from './refused.ts'

builder.queryFields((t) => ({
  conflicts: t.field({
    type: [ConflictType],
    nullable: true,
    description: 'What would be in the way of these rooms and people in a span.',
    args: {
      startTime: t.arg({ type: 'DateTime', required: true }),
      endTime: t.arg({ type: 'DateTime', required: true }),
      roomIds: t.arg.idList(),
      participantIds: t.arg.idList(),
    },
    resolve: async (_, args, { deps, actor }) =>
      given(await conflictsFor(deps, actor, parsed(conflictsQuery, withoutNulls(args)))),
  }),
}))
