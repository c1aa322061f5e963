import type { Reporter } from 'knip'

/** Beside knip's own reporter: says how many files it looked at, so that `check.ts` can tell a clean house from no house. */
const report: Reporter = ({ counters }) => {
  console.log(`knip looked at ${counters.processed} files`)
}
export default report
