import { oneGround } from './ground.ts'
import { noOverlap } from './promise-01-no-overlap.ts'
import { holds } from './promise-02-holds.ts'
import { confirmedMeansAllocated } from './promise-03-confirmed-means-allocated.ts'
import { idempotency } from './promise-04-idempotency.ts'
import { wallClock } from './promise-06-wall-clock.ts'
import { suggestions } from './promise-08-suggestions.ts'
import { freeBusy } from './promise-09-free-busy.ts'
import { news } from './promise-10-news.ts'
import { documents } from './promise-11-documents.ts'
import { release } from './promise-12-release.ts'
import { messages } from './promise-15-messages.ts'
import { redisGone } from './promise-16-redis-gone.ts'
import { lostRights } from './promise-17-lost-rights.ts'

// One network for all of them: it starts once, and each promise has to hold on what the ones before left behind.
const ground = oneGround()

noOverlap(ground)
holds(ground)
confirmedMeansAllocated(ground)
idempotency(ground)
wallClock(ground)
suggestions(ground)
freeBusy(ground)
news(ground)
documents(ground)
release(ground)
messages(ground)
redisGone(ground)
lostRights(ground)
