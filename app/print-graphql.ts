import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { lexicographicSortSchema, printSchema } from 'graphql'
import { schema } from '../server/graphql/schema.ts'

/**
 * Prints server/graphql/schema.graphql from the types in that folder: `node app/print-graphql.ts`. With `--check` it writes
 * nothing and fails when the file on disk says something else.
 */
const file = 'server/graphql/schema.graphql'
const path = fileURLToPath(new URL(`../${file}`, import.meta.url))
const page = `${printSchema(lexicographicSortSchema(schema))}\n`
if (!process.argv.includes('--check')) await writeFile(path, page)
else if ((await readFile(path, 'utf8').catch(() => '')) === page)
  console.log('1 printed schema agrees with the types it is made of')
else {
  console.error(`${file} is not what the types say; print it again: node app/print-graphql.ts`)
  process.exitCode = 1
}
