/** Who knocks. `panel` stands beside the room the things are in, `otherPanel` beside another one; `stranger` owns another organisation. */
export const PRINCIPALS = [
  ...(['owner', 'admin', 'room_manager', 'member', 'auditor', 'guest'] as const),
  ...(['panel', 'otherPanel', 'stranger', 'anonymous', 'expired', 'revoked'] as const),
] as const
export type Principal = (typeof PRINCIPALS)[number]

/** Members of the organisation that the things belong to. */
export const PEOPLE = PRINCIPALS.slice(0, 6) as readonly Principal[]
/** Without a session that lives. */
const NOBODIES = PRINCIPALS.slice(9) as readonly Principal[]

/**
 * What somebody gets. `see`: it, with its content; `bare`: that it is there; `ok`: the command goes past every question of rights;
 * `read`: a document, without the right to write; `401`, `403`, `404`: nothing; else the code of another refusal.
 */
type Outcome = string
/** Of each principal and relation to the thing. A pair that cannot be is missing. */
export type Grid = Record<Principal, Record<string, Outcome>>

/** No such pair. */
const NONE = '.'

/**
 * A table as text: relations in its first line, then `principals outcomes…`, principals divided by commas. Who has no session is 401
 * everywhere and panels are `panels` everywhere, unless the table says something of them.
 */
export function grid(text: string, { panels = '403' }: { panels?: Outcome } = {}): Grid {
  const [header = '', ...lines] = text
    .trim()
    .split('\n')
    .map((line) => line.trim())
  const relations = header.split(/\s+/)
  const everywhere = (outcome: Outcome) => Object.fromEntries(relations.map((relation) => [relation, outcome]))
  const table: Partial<Grid> = { panel: ofPanels(everywhere(panels)), otherPanel: ofPanels(everywhere(panels)) }
  for (const nobody of NOBODIES) table[nobody] = everywhere('401')
  for (const line of lines) {
    const [names = '', ...outcomes] = line.split(/\s+/)
    if (outcomes.length !== relations.length) throw new Error(`${relations.length} outcomes are wanted: ${line}`)
    const pairs = relations.map((relation, i) => [relation, outcomes[i] as Outcome] as const)
    for (const name of names.split(',')) {
      if (!PRINCIPALS.includes(name as Principal)) throw new Error(`nobody is called ${name}`)
      table[name as Principal] = Object.fromEntries(pairs.filter(([, outcome]) => outcome !== NONE))
    }
  }
  const missing = PRINCIPALS.filter((principal) => table[principal] === undefined)
  if (missing.length > 0) throw new Error(`nothing is said of ${missing.join()}: ${header}`)
  return table as Grid
}

/** The same table where one outcome is called another. */
export function renamed(of: Grid, from: Outcome, to: Outcome): Grid {
  const row = (outcomes: Record<string, Outcome>) =>
    Object.fromEntries(Object.entries(outcomes).map(([relation, o]) => [relation, o === from ? to : o]))
  return Object.fromEntries(Object.entries(of).map(([who, outcomes]) => [who, row(outcomes)])) as Grid
}

/** The same table with panels told otherwise. */
export function withPanels(of: Grid, outcome: Outcome): Grid {
  const row = (outcomes: Record<string, Outcome>) =>
    Object.fromEntries(Object.keys(outcomes).map((relation) => [relation, outcome]))
  return { ...of, panel: ofPanels(row(of.owner)), otherPanel: ofPanels(row(of.owner)) }
}

/** A panel has made nothing and is invited nowhere. */
function ofPanels({ own: _own, attends: _attends, ...others }: Record<string, Outcome>): Record<string, Outcome> {
  return others
}
