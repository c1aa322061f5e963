import { workerData } from 'node:worker_threads'
import { build } from 'vite'

/** What a build of the pages is told. Paths are absolute. */
export interface BuildOrder {
  root: string
  /** The page of each folder below `root`; it is built to the same folder below `outDir`. */
  pages: string[]
  outDir: string
}

const { root, pages, outDir } = workerData as BuildOrder

await build({
  root,
  configFile: false,
  envDir: false,
  publicDir: false,
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir,
    emptyOutDir: true,
    target: 'es2023',
    // The content security policy admits nothing inline and no data: URL.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { input: pages },
  },
})
