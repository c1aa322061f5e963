import { hash, verify } from '@node-rs/argon2'
import type { Passwords } from '../../domain/identity/ports.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'

// OWASP's argon2id profile (19 MiB, 2 passes, 1 lane). 2 is argon2id: the package's const enum cannot be erased.
const ARGON2ID = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 }
/** Each takes a core, 19 MiB and a libuv thread (of four, which files and DNS need too). */
const AT_ONCE = 2
/** About two seconds of work; who comes later had better come again. */
const MAX_WAITING = 100

/** argon2id, a few at a time. Passwords are compared in NFKC, so that a keyboard's form of an accent does not matter. */
export async function openPasswords(): Promise<Passwords> {
  // What unknown people are checked against, so that they take as long as known ones.
  const dummy = await hash('nobody has this password', ARGON2ID)
  const queue = createQueue()
  return {
    hash: (password) => queue(() => hash(password.normalize('NFKC'), ARGON2ID)),
    verify: (known, password) =>
      queue(async () => (await verify(known ?? dummy, password.normalize('NFKC'))) && known !== undefined),
  }
}

function createQueue(): <T>(work: () => Promise<T>) => Promise<Result<T, Refusal>> {
  let running = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    if (running >= AT_ONCE) {
      if (waiting.length >= MAX_WAITING) return err(refuse('too_many_requests', undefined, { retryAfterSeconds: 3 }))
      // Whoever leaves hands his place on, so `running` does not change.
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running++
    try {
      return ok(await work())
    } finally {
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
