import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { format } from 'prettier'
import { documentedVariables, type VariableNote } from './environment.ts'

/**
 * Prints `.env.example` and docs/CONFIG.md from the schema of the environment: `node app/print-config.ts`. With
 * `--check` it writes nothing and fails when a file on disk says something else.
 */
const pages = [
  { file: '.env.example', text: envExample(documentedVariables()) },
  { file: 'docs/CONFIG.md', text: await format(configPage(documentedVariables()), { parser: 'markdown' }) },
]
const check = process.argv.includes('--check')
for (const { file, text } of pages) {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url))
  if (!check) await writeFile(path, text)
  else if ((await readFile(path, 'utf8').catch(() => '')) !== text) {
    console.error(`${file} is not what app/environment.ts says; print it again: node app/print-config.ts`)
    process.exitCode = 1
  }
}
if (check && process.exitCode !== 1) console.log(`${pages.length} printed pages agree with app/environment.ts`)

function envExample(variables: VariableNote[]): string {
  const blocks = variables.map(
    ({ name, description, shown, example }) => `# ${description}\n# Default: ${shown}.\n#${name}=${example}\n`,
  )
  return `# Settings of Convoke; every one is optional in development. See docs/CONFIG.md.\n\n${blocks.join('\n')}`
}

function configPage(variables: VariableNote[]): string {
  const rows = variables.map(
    ({ name, description, shown, example }) => `| \`${name}\` | ${description} | ${shown} | \`${example}\` |`,
  )
  return `# Settings

Printed from \`app/environment.ts\` by \`node app/print-config.ts\`. Settings are environment variables; an empty one counts as not
set. A wrong value, and any other variable that starts with \`CONVOKE_\`, is refused at the start with one line each.

| variable | what it is | default | example |
|---|---|---|---|
${rows.join('\n')}

\`npm start -- --nodes 2\` runs two api and two realtime processes and a worker behind a small balancer on \`PORT\`; a start with the
demo does so by itself. \`npm start -- --nodes 1\` is one process. \`npm start -- --no-pulse\` leaves the demo office still.
`
}
