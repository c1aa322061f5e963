/** So many at once, each taking the next piece of work as soon as its last is done; `work` answers how much it did. Answers how much was done per second. */
export async function rateOf(
  writers: number,
  seconds: number,
  work: (writer: number) => Promise<number>,
): Promise<number> {
  const started = performance.now()
  const until = started + seconds * 1_000
  let done = 0
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      while (performance.now() < until) {
        // Not `done += await …`, which would add to what `done` was before the wait.
        const count = await work(writer)
        done += count
      }
    }),
  )
  return done / ((performance.now() - started) / 1_000)
}
