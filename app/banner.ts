import { stripVTControlCharacters, styleText } from 'node:util'

export interface Banner {
  url: string
  logins: { who: string; email: string; password: string }[]
  nodes: { id: string; role: string; pid: number }[]
  dataDir: string
  stop: string
}

export interface BannerOutput {
  write: (text: string) => unknown
  isTTY?: boolean
}

/** One readable table for the person who started us; the address comes last and is the largest thing on the screen. */
export function printBanner(banner: Banner, output: BannerOutput, color: boolean): void {
  const text = formatBanner(banner)
  output.write(output.isTTY && color ? text : stripVTControlCharacters(text))
}

/** With styles for a terminal; without them it is as readable. */
export function formatBanner({ url, logins, nodes, dataDir, stop }: Banner): string {
  const rows: [string, string][] = []
  const who = widest(logins.map((login) => login.who))
  const email = widest(logins.map((login) => login.email))
  for (const [i, login] of logins.entries()) {
    rows.push([i === 0 ? 'Log in as' : '', `${login.who.padEnd(who)}  ${login.email.padEnd(email)}  ${login.password}`])
  }
  const id = widest(nodes.map((node) => node.id))
  const role = widest(nodes.map((node) => node.role))
  for (const [i, node] of nodes.entries()) {
    rows.push([i === 0 ? 'Nodes' : '', `${node.id.padEnd(id)}  ${node.role.padEnd(role)}  process ${node.pid}`])
  }
  rows.push(['Data', dataDir], ['Stop', stop])
  const label = widest(rows.map(([name]) => name))
  const lines = rows.map(([name, value]) => `  ${styleText('dim', name.padEnd(label), FORCED)}   ${value}`)
  return `\n${lines.join('\n')}\n\n${framed(`Convoke is ready:  ${url}`)}\n`
}

// Whether styles are wanted is decided by `printBanner`, not by looking at this process' own output.
const FORCED = { validateStream: false } as const

function framed(text: string): string {
  const edge = '━'.repeat(text.length + 6)
  const middle = `┃   ${styleText(['bold', 'green'], text, FORCED)}   ┃`
  return [
    `  ┏${edge}┓`,
    `  ┃${' '.repeat(text.length + 6)}┃`,
    `  ${middle}`,
    `  ┃${' '.repeat(text.length + 6)}┃`,
    `  ┗${edge}┛`,
    '',
  ].join('\n')
}

function widest(words: string[]): number {
  return Math.max(0, ...words.map((word) => word.length))
}
