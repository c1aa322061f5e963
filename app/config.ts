import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { err, ok, type Result } from '../domain/result.ts'
import { environment, type Environment, type Role, ROLES } from './environment.ts'
import { nearestWord } from './nearest-word.ts'

/** What one process of Convoke was asked to be. Paths are absolute; an absent setting is `undefined`. */
export interface Config {
  production: boolean
  /** Without it a PostgreSQL of our own is started under `dataDir`. */
  databaseUrl: string | undefined
  /** The owner's login, for migrations only; `undefined` in production means that somebody else migrates. */
  migrateDatabaseUrl: string | undefined
  databasePool: number
  /** Without it a private Redis is started. */
  redisUrl: string | undefined
  host: string
  /** 0 means any free port. */
  port: number
  publicUrl: string | undefined
  roles: Role[]
  /** How many api and how many realtime processes: 1 is everything in this one process. The demo has 2. */
  nodes: number
  nodeId: string
  /** Proxies whose word about the client's address is believed. */
  trustedProxies: number
  dataDir: string
  /** Shared by every clone on this account: what was fetched once need not be fetched again. */
  cacheDir: string
  /** 32 bytes as base64url; `undefined` outside production means the one kept in `dataDir`. */
  appKey: string | undefined
  logLevel: Environment['CONVOKE_LOG_LEVEL']
  demo: boolean
  /** The demo office books, checks in, misses, moves and types all day. */
  pulse: boolean
  smtpUrl: string | undefined
  mailFrom: string
  corsOrigins: string[]
  metricsToken: string | undefined
  /** False: nobody is held back, for load generators. */
  rateLimits: boolean
  /** `host:port` whose feeds may be fetched although they are not on the public Internet. */
  fetchAllow: string[]
  otlpEndpoint: string | undefined
  /** npm is our parent: when it is gone we go. */
  startedByNpm: boolean
  /** Colours are welcome, if the output is a terminal. */
  color: boolean
}

/** What a default needs from outside, so that `readConfig` itself reads nothing. */
export interface ConfigDefaults {
  /** The folder that relative paths and `.data` start from. */
  projectDir: string
  /** A short random id, one per process. */
  newNodeId: () => string
}

/**
 * The configuration, or one line per thing that is wrong with it, ready to be shown to the person who started us.
 * `args` are the words after `npm start --`.
 */
export function readConfig(
  env: Record<string, string | undefined>,
  args: string[],
  defaults: ConfigDefaults,
): Result<Config, string[]> {
  // `FOO=` in a compose file or a shell means: not set.
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  )
  const wrong = unknownVariables(given)
  const parsed = environment.safeParse(given)
  if (!parsed.success) for (const issue of parsed.error.issues) wrong.push(`${issue.path.join('.')}: ${issue.message}.`)
  const { nodes, pulse } = readArguments(args, wrong)
  if (!parsed.success) return err(wrong)

  const vars = parsed.data
  wrong.push(...contradictions(vars, nodes ?? 1))
  if (wrong.length > 0) return err(wrong)
  return ok(toConfig(vars, { nodes, pulse }, defaults))
}

/** A copy of this process' environment: the only place in Convoke that reads it. */
export function processEnvironment(): Record<string, string | undefined> {
  return { ...process.env }
}

/** What a child process is started with: our environment with some variables replaced (`undefined`: taken out). */
export function childEnvironment(overrides: Record<string, string | undefined>): Record<string, string> {
  const merged = Object.entries({ ...process.env, ...overrides })
  return Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/** Where fetched programs are kept for every clone of this account. */
export function userCacheDir(env: { XDG_CACHE_HOME?: string | undefined; HOME?: string | undefined }): string {
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'convoke')
}

function toConfig(vars: Environment, { nodes, pulse }: Arguments, { projectDir, newNodeId }: ConfigDefaults): Config {
  const demo = vars.CONVOKE_DEMO ?? (vars.NODE_ENV === 'development' && vars.DATABASE_URL === undefined)
  return {
    production: vars.NODE_ENV === 'production',
    databaseUrl: vars.DATABASE_URL,
    migrateDatabaseUrl: vars.MIGRATE_DATABASE_URL ?? (vars.NODE_ENV === 'production' ? undefined : vars.DATABASE_URL),
    databasePool: vars.CONVOKE_DATABASE_POOL,
    redisUrl: vars.REDIS_URL,
    host: vars.HOST,
    port: vars.PORT,
    publicUrl: vars.CONVOKE_PUBLIC_URL,
    roles: vars.ROLES,
    nodes: nodes ?? (demo && vars.ROLES.length === ROLES.length ? DEMO_NODES : 1),
    nodeId: vars.CONVOKE_NODE_ID ?? newNodeId(),
    trustedProxies: vars.CONVOKE_TRUSTED_PROXIES,
    dataDir: resolve(projectDir, vars.DATA_DIR),
    cacheDir: userCacheDir(vars),
    appKey: vars.CONVOKE_APP_KEY,
    logLevel: vars.CONVOKE_LOG_LEVEL,
    demo,
    pulse: demo && pulse,
    smtpUrl: vars.CONVOKE_SMTP_URL,
    mailFrom: vars.CONVOKE_MAIL_FROM,
    corsOrigins: vars.CONVOKE_CORS_ORIGINS,
    metricsToken: vars.CONVOKE_METRICS_TOKEN,
    rateLimits: vars.CONVOKE_RATE_LIMITS === 'on',
    fetchAllow: vars.CONVOKE_FETCH_ALLOW,
    otlpEndpoint: vars.OTEL_EXPORTER_OTLP_ENDPOINT,
    startedByNpm: vars.npm_lifecycle_event !== undefined,
    color: vars.NO_COLOR === undefined,
  }
}

function unknownVariables(env: Record<string, string | undefined>): string[] {
  const known = Object.keys(environment.shape).filter((name) => name.startsWith('CONVOKE_'))
  return Object.keys(env)
    .filter((name) => name.startsWith('CONVOKE_') && !known.includes(name))
    .map((name) => {
      const nearest = nearestWord(name, known)
      return `${name}: there is no such setting${nearest ? `; did you mean ${nearest}?` : ', see docs/CONFIG.md.'}`
    })
}

/** Enough to kill one and look on. */
const DEMO_NODES = 2
const MAX_NODES = 8 // each is two processes of some 100 MB, on one machine

interface Arguments {
  /** undefined: nobody said. */
  nodes: number | undefined
  pulse: boolean
}

function readArguments(args: string[], wrong: string[]): Arguments {
  let nodes: number | undefined
  let pulse = true
  const words = args.flatMap((arg) => (arg.startsWith('--nodes=') ? ['--nodes', arg.slice('--nodes='.length)] : [arg]))
  for (let i = 0; i < words.length; i++) {
    if (words[i] === '--no-pulse') {
      pulse = false
      continue
    }
    if (words[i] !== '--nodes') {
      wrong.push(`${words[i]}: there is no such option; there are: npm start -- --nodes 2 and npm start -- --no-pulse.`)
      continue
    }
    const text = words[++i] ?? ''
    nodes = /^\d+$/.test(text) ? Number(text) : 0
    if (nodes < 1 || nodes > MAX_NODES) wrong.push(`--nodes: must be a number from 1 to ${MAX_NODES}.`)
  }
  return { nodes, pulse }
}

/** What is right on its own and wrong together. */
function contradictions(vars: Environment, nodes: number): string[] {
  const wrong: string[] = []
  if (vars.NODE_ENV === 'production') {
    const why = 'required when NODE_ENV=production'
    if (!vars.CONVOKE_APP_KEY) wrong.push(`CONVOKE_APP_KEY: ${why} (32 random bytes as base64url).`)
    // A store that vanishes with a container must be somebody's decision, not a default.
    if (!vars.DATABASE_URL) wrong.push(`DATABASE_URL: ${why}.`)
    if (!vars.REDIS_URL) wrong.push(`REDIS_URL: ${why}.`)
  }
  if (vars.MIGRATE_DATABASE_URL && !vars.DATABASE_URL) {
    wrong.push('MIGRATE_DATABASE_URL: means nothing without DATABASE_URL.')
  }
  if (nodes > 1 && vars.ROLES.length < 3)
    wrong.push('--nodes: starts every role itself, so it goes with ROLES=all only.')
  return wrong
}
