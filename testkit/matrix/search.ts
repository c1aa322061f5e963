import { Redis } from 'ioredis'
import type { Principal } from './grid.ts'
import type { Town } from './town.ts'

/** A planted word, and who may come across it. */
export interface Mark {
  word: string
  readers: ReadonlySet<Reader>
}

/** Whoever something was shown to. `holder`: of a secret address; a mail's addressee is called by it. */
export type Reader = Principal | 'holder' | (string & {})

/** Looks for planted words in what was shown, and remembers where there was one too many. */
export class Search {
  readonly leaks: string[] = []
  places = 0
  readonly #marks: readonly Mark[]

  constructor(marks: readonly Mark[]) {
    this.#marks = marks
  }

  /** `reader` undefined: nobody may find any of them here. */
  look(place: string, text: string, reader?: Reader): void {
    this.places += 1
    const lower = text.toLowerCase()
    for (const { word, readers } of this.#marks) {
      if (!lower.includes(word.toLowerCase()) || (reader !== undefined && readers.has(reader))) continue
      this.leaks.push(`${word} in ${place}${reader === undefined ? '' : `, shown to ${reader}`}`)
    }
  }
}

/** Every row of every table, as text. Bytes are in it as hex. */
export async function* rowsOf(town: Town): AsyncGenerator<[table: string, rows: string]> {
  const tables = await town.query(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'identity')`,
  )
  for (const { name } of tables as unknown as { name: string }[]) {
    const rows = (await town.query(`SELECT t::text AS row FROM ${name} t`)) as unknown as { row: string }[]
    yield [name, rows.map(({ row }) => row).join('\n')]
  }
}

/** Every key of Redis with all it holds, byte for byte. */
export async function* keysOf(url: string): AsyncGenerator<[key: string, value: string]> {
  const redis = new Redis(url)
  try {
    for (const key of await redis.keys('*')) {
      const read = READS[await redis.type(key)]
      if (read === undefined) throw new Error(`${key} is of a type that is not looked into`)
      yield [key, `${key} ${((await redis.callBuffer(...read(key))) as unknown[]).flat(9).map(String).join(' ')}`]
    }
  } finally {
    redis.disconnect()
  }
}

const READS: Record<string, (key: string) => [string, ...string[]]> = {
  string: (key) => ['MGET', key],
  list: (key) => ['LRANGE', key, '0', '-1'],
  set: (key) => ['SMEMBERS', key],
  zset: (key) => ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
  hash: (key) => ['HGETALL', key],
  stream: (key) => ['XRANGE', key, '-', '+'],
}

/** The ways in which a secret could be written down. */
export function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [secret, bytes.toString('hex'), bytes.toString('base64').replaceAll('=', ''), encodeURIComponent(secret)]
}
