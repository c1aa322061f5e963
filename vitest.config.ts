import { defineConfig } from 'vitest/config'
import { ClosingLine } from './testkit/closing-line.ts'

// One project per machine a test needs; the suffix of the file says which. Groups run one after the other, so that the
// whole-network tests have the (two) cores for themselves.
const MACHINES = ['pg', 'redis', 'e2e']

export default defineConfig({
  // As Node resolves it for packages: a second copy of graphql-js knows nothing of the schema of the first.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    passWithNoTests: false,
    // A test that passes at the second try is a failure nobody has understood yet.
    retry: 0,
    // Tests wait for PostgreSQL and Redis more than they compute.
    maxWorkers: 2,
    reporters: ['default', new ClosingLine()],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: tests(),
          exclude: ['node_modules/**', ...MACHINES.flatMap((machine) => tests(machine))],
          // Searches by hand take a second or two, and longer beside a neighbour.
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'pg',
          include: tests('pg'),
          globalSetup: './testkit/services-once.ts',
          testTimeout: 20_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'redis',
          include: tests('redis'),
          globalSetup: './testkit/services-once.ts',
          testTimeout: 20_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: tests('e2e'),
          globalSetup: './testkit/services-once.ts',
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // A network is half a dozen processes: two at a time on two cores would measure the machine, not the product.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})

// Explicit folders: a glob over everything walks node_modules and .data (a whole PostgreSQL).
function tests(machine?: string): string[] {
  const folders = '{app,db,domain,integrations,jobs,load-tests,realtime,server,testkit,web}'
  return [`${folders}/**/*${machine ? `.${machine}` : ''}.test.ts`]
}
