import { oneGround } from './ground.ts'
import { noOverlap } from './promise-01-no-overlap.ts'
import { confirmedMeansAllocated } from './promise-03-confirmed-means-allocated.ts'
import { idempotency } from './promise-04-idempotency.ts'
import { wallClock } from './promise-06-wall-clock.ts'
import { news } from './promise-10-news.ts'
import { redisGone } from './promise-16-redis-gone.ts'

// One network for all of them: it starts once, and each promise has to hold on what the ones before left behind.
const ground = oneGround()

noOverlap(ground)
confirmedMeansAllocated(ground)
idempotency(ground)
wallClock(ground)
news(ground)
redisGone(ground)
