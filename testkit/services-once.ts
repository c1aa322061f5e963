import type { TestProject } from 'vitest/node'
import { setup as startServices } from './services.ts'

/**
 * The global setup of every project whose tests need a machine. Vitest runs it per project and in separate module
 * graphs, but the services exist once per test run: the first project starts them and the last one to leave stops
 * them. A run of unit tests alone starts none.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = theServices()
  shared.users += 1
  // Provided on the root project: what it provides, every project's tests can inject.
  const stop = await (shared.stop ??= startServices(project.vitest.getRootProject()))
  return async () => {
    shared.users -= 1
    if (shared.users > 0) return
    shared.stop = undefined
    await stop()
  }
}

interface SharedServices {
  users: number
  stop: Promise<() => Promise<void>> | undefined
}

// Module state would exist once per project; the process is what all of them share.
function theServices(): SharedServices {
  const key = Symbol.for('convoke.testkit.services')
  const holder = globalThis as { [key]?: SharedServices }
  holder[key] ??= { users: 0, stop: undefined }
  return holder[key]
}
