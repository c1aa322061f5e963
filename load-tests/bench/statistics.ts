/** Pure. The middle value; NaN of nothing. */
export function median(values: readonly number[]): number {
  return percentile(values, 50)
}

/** Linear between the two nearest ranks; NaN of nothing. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = ((sorted.length - 1) * percent) / 100
  const below = sorted[Math.floor(rank)]
  const above = sorted[Math.ceil(rank)]
  if (below === undefined || above === undefined) return NaN
  return below + (above - below) * (rank - Math.floor(rank))
}
