/** So many at once, each taking the next piece of work as soon as its last is done; answers how many were done per second. */
export async function rateOf(
  writers: number,
  seconds: number,
  work: (writer: number) => Promise<number | void>,
): Promise<number> {
  const started = performance.now()
  const until = started + seconds * 1_000
  let done = 0
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      while (performance.now() < until) {
        // Not `done += await …`, which would add to what `done` was before the wait.
        const count = (await work(writer)) ?? 1
        done += count
      }
    }),
  )
  return done / ((performance.now() - started) / 1_000)
}
