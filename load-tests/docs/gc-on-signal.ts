import { writeFileSync } from 'node:fs'
import { heldFile } from './held-bytes.ts'

// Preloaded into a server whose memory is measured: what is garbage must not be counted as held by documents.
process.on('SIGUSR2', () => {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  writeFileSync(heldFile(process.pid), `${heapUsed + external}\n`)
})
