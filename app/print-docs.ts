import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { format } from 'prettier'
import { type RefusalCode, REFUSALS } from '../domain/refusals.ts'
import { AFTERMATH } from '../realtime/problems.ts'
import { STATUS } from '../server/problems.ts'

/**
 * Prints docs/PROBLEMS.md from the doors' tables of refusals: `node app/print-docs.ts`. With `--check` it writes nothing
 * and fails when the file on disk says something else.
 */
const file = 'docs/PROBLEMS.md'
const path = fileURLToPath(new URL(`../${file}`, import.meta.url))
const page = await format(problemsPage(), { parser: 'markdown' })
if (!process.argv.includes('--check')) await writeFile(path, page)
else if ((await readFile(path, 'utf8').catch(() => '')) === page)
  console.log('1 printed page agrees with the tables of refusals')
else {
  console.error(`${file} is not what the tables of refusals say; print it again: node app/print-docs.ts`)
  process.exitCode = 1
}

function problemsPage(): string {
  const codes = (Object.keys(REFUSALS) as RefusalCode[]).toSorted((a, b) => STATUS[a] - STATUS[b])
  const rows = codes.map((code) => `| \`${code}\` | ${REFUSALS[code]} | ${STATUS[code]} | ${onSocket(code)} |`)
  return `# Problems

Printed from \`domain/refusals.ts\` and each door's table by \`node app/print-docs.ts\`. Codes are API: they never change. An answer that
carries one means that nothing happened. HTTP answers \`application/problem+json\` (RFC 9457) with the code and status; a socket
acks \`{ ok: false, problem: { code, title, detail, requestId, … } }\`.

| code | what it says | HTTP status | socket |
|---|---|---|---|
${rows.join('\n')}
`
}

function onSocket(code: RefusalCode): string {
  const aftermath = AFTERMATH[code]
  return aftermath === 'stays'
    ? 'in the ack; the socket stays'
    : `in the ack; then \`bye\` ${aftermath} and the socket ends`
}
