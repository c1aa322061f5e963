import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { stopProcess, type ProcessId, type StopPlan } from './processes.ts'
import type { WatchdogMessage } from './watchdog.ts'

// The other end of app/embedded/watchdog.ts: waits for its input to close. A terminal's or a supervisor's signals are
// meant for the one it watches, which will tell it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

const guarded = new Map<number, { id: ProcessId; stage: number; plan: StopPlan }>()
const folders: string[] = []

for await (const line of createInterface({ input: process.stdin })) {
  const message = parsed(line)
  if (!message) continue
  if ('guard' in message)
    guarded.set(message.guard.pid, { id: message.guard, stage: message.stage, plan: message.plan })
  else if ('release' in message) guarded.delete(message.release)
  else folders.push(message.folder)
}
for (const stage of [2, 1]) {
  const now = [...guarded.values()].filter((one) => one.stage === stage)
  await Promise.all(now.map(({ id, plan }) => stopProcess(id, plan)))
}
for (const folder of folders) await rm(folder, { recursive: true, force: true })

/** The last line may be cut where our parent was. */
function parsed(line: string): WatchdogMessage | undefined {
  try {
    return JSON.parse(line) as WatchdogMessage
  } catch {
    return undefined
  }
}
