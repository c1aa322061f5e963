import type { z } from 'zod'
import { isUnavailable } from '../db/pool.ts'
import { inSpan } from '../db/tracing.ts'
import { type FieldError, type Refusal, refuse } from '../domain/refusals.ts'
import { type Result, ok } from '../domain/result.ts'
import { AVAILABILITY_HANDLERS } from './availability/commands.ts'
import { HOLD_HANDLERS } from './hold-commands.ts'
import { AFTERMATH, socketProblem } from './problems.ts'
import { COMMANDS, type CommandName, type Payload } from './protocol.ts'
import type { Message } from './message.ts'
import { ROOM_HANDLERS } from './room-commands.ts'

/** What goes into the ack, and what must be sent right behind it. */
interface Answer {
  answer?: object
  follow?: () => void
}

type Handlers = { [N in CommandName]: (message: Message, payload: Payload<N>) => Promise<Result<Answer, Refusal>> }

const HANDLERS: Handlers = {
  'topic.watch': ({ newsroom, connection }, payload) => newsroom.watch(connection, payload),
  'topic.unwatch': async ({ deps, newsroom, connection }, { topic }) => {
    if (topic.startsWith('availability:')) deps.availability.watches.close(connection, topic)
    else newsroom.unwatch(connection, topic)
    return ok({})
  },
  ...ROOM_HANDLERS,
  ...HOLD_HANDLERS,
  ...AVAILABILITY_HANDLERS,
}

/** Parses, handles and acks one client message. Never throws. A message without an ack is handled all the same. */
export async function answerCommand(message: Message): Promise<void> {
  const { deps, connection, args } = message
  if (connection.isClosing) return
  const last = args.at(-1)
  const ack = typeof last === 'function' ? (last as (answer: object) => void) : undefined
  const result = await handle(message, ack === undefined ? args : args.slice(0, -1))
  if (connection.isClosing) return
  // Ack and what follows in one go: no other news may come between them.
  if (result.ok) {
    ack?.({ ok: true, ...result.value.answer })
    result.value.follow?.()
    return
  }
  const problem = socketProblem(result.error, deps.newId())
  ack?.({ ok: false, problem })
  const aftermath = AFTERMATH[result.error.code]
  if (aftermath !== 'stays') connection.bye({ code: aftermath, reason: problem.title })
}

async function handle(message: Message, [payload]: unknown[]): Promise<Result<Answer, Refusal>> {
  const { deps, connection, name } = message
  if (!connection.admits())
    return { ok: false, error: refuse('too_many_requests', undefined, { retryAfterSeconds: 1 }) }
  if (!isCommand(name)) return { ok: false, error: refuse('invalid_input', 'There is no command of that name.') }
  const parsed = COMMANDS[name].safeParse(payload)
  if (!parsed.success)
    return { ok: false, error: refuse('invalid_input', undefined, { errors: fieldErrors(parsed.error) }) }
  const span = deps.tracing?.start(name, { kind: 'server' })
  try {
    return await inSpan(span, () => (HANDLERS[name] as Handlers[CommandName])(message, parsed.data as never))
  } catch (error) {
    if (isUnavailable(error)) return { ok: false, error: refuse('unavailable') }
    deps.log.error({ event: 'command.failed', command: name, socketId: connection.id, err: error })
    return { ok: false, error: refuse('internal') }
  } finally {
    span?.end()
  }
}

function isCommand(name: unknown): name is CommandName {
  return typeof name === 'string' && Object.hasOwn(COMMANDS, name)
}

function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.slice(0, 20).map((issue) => {
    const pointer = issue.path.map((part) => `/${String(part)}`).join('')
    return { ...(pointer !== '' && { pointer }), detail: issue.message }
  })
}
