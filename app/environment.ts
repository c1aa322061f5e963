import { z } from 'zod'

/** What one process may be asked to run; `all` is every one of them. */
export const ROLES = ['api', 'realtime', 'worker'] as const
export type Role = (typeof ROLES)[number]

/**
 * Every environment variable that means something to Convoke. `.env.example` and docs/CONFIG.md are printed from it:
 * `meta` holds the description, the default in words and an example.
 */
export const environment = z.object({
  DATABASE_URL: urlOf('postgres', 'postgresql').optional().meta({
    description: 'The PostgreSQL 18 that holds the truth. The login should own nothing and not bypass row security.',
    shown: 'a PostgreSQL of our own under DATA_DIR',
    example: 'postgres://convoke:secret@db.example.com:5432/convoke',
  }),
  MIGRATE_DATABASE_URL: urlOf('postgres', 'postgresql').optional().meta({
    description:
      "The owner's login to the same database, used for migrations only (node app/migrate.ts, or any start).",
    shown: 'DATABASE_URL; in production nothing is migrated at a start',
    example: 'postgres://convoke_owner:secret@db.example.com:5432/convoke',
  }),
  REDIS_URL: urlOf('redis', 'rediss').optional().meta({
    description: 'Redis or Valkey, 7 or newer, for wake-ups and fan-out. It may be flushed or gone at any time.',
    shown: 'a private Redis of our own',
    example: 'redis://default:secret@redis.example.com:6379',
  }),
  PORT: wholeNumber(0, 65_535)
    .default(3000)
    .meta({ description: 'Where HTTP and sockets are served; 0 takes any free port.', shown: '3000', example: '8080' }),
  HOST: z.string().trim().default('127.0.0.1').meta({
    description: 'The address to listen on. Other machines reach us only when asked for: 0.0.0.0 is every interface.',
    shown: '127.0.0.1',
    example: '0.0.0.0',
  }),
  ROLES: roles()
    .default([...ROLES])
    .meta({
      description: 'What this process runs: all, or a comma list of api, realtime and worker.',
      shown: 'all',
      example: 'api,realtime',
    }),
  DATA_DIR: z.string().default('.data').meta({
    description: 'The folder for everything kept on this machine: embedded stores, their logs, the development key.',
    shown: '.data in the project',
    example: '/var/lib/convoke',
  }),
  NODE_ENV: oneOf('development', 'test', 'production').default('development').meta({
    description: 'In production nothing is made up: stores and key must be given.',
    shown: 'development',
    example: 'production',
  }),
  CONVOKE_APP_KEY: appKey().optional().meta({
    description: '32 random bytes as base64url: encrypts the signing keys in the store. The same for every process.',
    shown: 'outside production made once and kept in DATA_DIR',
    // Not a key: it must not work when copied.
    example: '<43 characters>',
  }),
  CONVOKE_NODE_ID: nodeId().optional().meta({
    description: 'The name of this process in X-Served-By, in acks and in logs.',
    shown: 'a short random one',
    example: 'api-1',
  }),
  CONVOKE_LOG_LEVEL: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent').default('info').meta({
    description: 'The least important lines that are still logged.',
    shown: 'info',
    example: 'debug',
  }),
  CONVOKE_PUBLIC_URL: urlOf('http', 'https').optional().meta({
    description: 'What people type to reach us; links in messages and pages start with it.',
    shown: 'made of HOST and PORT',
    example: 'https://meet.example.com',
  }),
  CONVOKE_DEMO: trueOrFalse().optional().meta({
    description: 'Load the demo organisation into an empty store.',
    shown: 'true in development with the embedded PostgreSQL, else false',
    example: 'false',
  }),
  CONVOKE_DATABASE_POOL: wholeNumber(1, 100).default(10).meta({
    description: 'How many connections one process keeps to PostgreSQL at most.',
    shown: '10',
    example: '20',
  }),
  CONVOKE_TRUSTED_PROXIES: wholeNumber(0, 10).default(0).meta({
    description: 'How many proxies in front of a process append to X-Forwarded-For; 0 believes no such header.',
    shown: '0',
    example: '1',
  }),
  CONVOKE_SMTP_URL: urlOf('smtp', 'smtps').optional().meta({
    description: 'Where mail is handed in.',
    shown: 'mail is written to DATA_DIR/mail, one file a message',
    example: 'smtp://user:secret@mail.example.com:587',
  }),
  CONVOKE_MAIL_FROM: z.string().trim().min(3).default('Convoke <convoke@localhost>').meta({
    description: 'The sender of every mail.',
    shown: 'Convoke <convoke@localhost>',
    example: 'Convoke <meetings@example.com>',
  }),
  CONVOKE_CORS_ORIGINS: origins().default([]).meta({
    description: 'Origins of other sites whose pages may call us, as a comma list; sockets are held to the same list.',
    shown: 'none but our own',
    example: 'https://intranet.example.com',
  }),
  CONVOKE_METRICS_TOKEN: z.string().trim().min(16, 'must have at least 16 characters').optional().meta({
    description: 'What a scraper of /metrics sends as its bearer token.',
    shown: 'in production /metrics is closed, else open',
    example: '<a long random word>',
  }),
  CONVOKE_RATE_LIMITS: z.enum(['on', 'off'], 'must be on or off').default('on').meta({
    description:
      'Whether clients that ask too fast are held back, by person and by address (see CONVOKE_TRUSTED_PROXIES); off is for load generators.',
    shown: 'on',
    example: 'off',
  }),
  CONVOKE_FETCH_ALLOW: hostList().default([]).meta({
    description:
      'Hosts of our own network whose calendar feeds may be fetched, as a comma list of host:port. Any other host must be on the public Internet.',
    shown: 'none',
    example: 'calendar.intranet.example.com:443',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: urlOf('http', 'https').optional().meta({
    description: 'Where traces go (OTLP over HTTP).',
    shown: 'no traces are made',
    example: 'http://jaeger:4318',
  }),
  // Set by others, read by us; not printed.
  NO_COLOR: z.string().optional(),
  HOME: z.string().optional(),
  XDG_CACHE_HOME: z.string().optional(),
  npm_lifecycle_event: z.string().optional(),
})

export type Environment = z.infer<typeof environment>

/** What the printed pages say about a variable. */
export interface VariableNote {
  name: string
  description: string
  shown: string
  example: string
}

/** The variables a person may set, in the order of the schema. */
export function documentedVariables(): VariableNote[] {
  return Object.entries(environment.shape).flatMap(([name, schema]) => {
    const note = schema.meta() as Omit<VariableNote, 'name'> | undefined
    return note ? [{ name, description: note.description, shown: note.shown, example: note.example }] : []
  })
}

function urlOf(...schemes: string[]) {
  const starts = schemes.map((scheme) => `${scheme}://`).join(' or ')
  return z
    .string()
    .trim()
    .refine((text) => schemes.includes(scheme(text)), `must be an address that starts with ${starts}`)
}

function scheme(text: string): string {
  return URL.canParse(text) && text.includes('://') ? new URL(text).protocol.slice(0, -1) : ''
}

function wholeNumber(least: number, most: number) {
  const sentence = `must be a whole number from ${least} to ${most}`
  return z
    .string()
    .trim()
    .regex(/^\d{1,9}$/, sentence)
    .transform(Number)
    .refine((value) => value >= least && value <= most, sentence)
}

function oneOf<const T extends [string, ...string[]]>(...words: T) {
  return z.enum(words, `must be one of ${words.join(', ')}`)
}

function trueOrFalse() {
  return z.enum(['true', 'false'], 'must be true or false').transform((word) => word === 'true')
}

function roles() {
  return z.string().transform((text, context): Role[] => {
    const words = text.split(',').map((word) => word.trim())
    const wanted = words.includes('all') && words.length === 1 ? [...ROLES] : words
    const wrong = wanted.filter((word) => !(ROLES as readonly string[]).includes(word))
    if (wrong.length > 0) {
      context.addIssue({ code: 'custom', message: `must be all or a comma list of ${ROLES.join(', ')}` })
    }
    return ROLES.filter((role) => wanted.includes(role))
  })
}

function origins() {
  return z.string().transform((text, context): string[] => {
    const given = text.split(',').map((word) => word.trim())
    const wrong = given.filter((word) => !URL.canParse(word) || new URL(word).origin !== word)
    if (wrong.length > 0)
      context.addIssue({ code: 'custom', message: 'must be a comma list of origins (https://host)' })
    return given
  })
}

function hostList() {
  return z.string().transform((text, context): string[] => {
    const given = text.split(',').map((word) => word.trim().toLowerCase())
    const wrong = given.filter((word) => !/^(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\]):\d{1,5}$/.test(word))
    if (wrong.length > 0) context.addIssue({ code: 'custom', message: 'must be a comma list of host:port' })
    return given
  })
}

function appKey() {
  return z
    .string()
    .trim()
    .refine(
      (text) => /^[A-Za-z0-9_-]{43}$/.test(text) && Buffer.from(text, 'base64url').length === 32,
      'must be 32 bytes as base64url (43 characters without padding)',
    )
}

function nodeId() {
  // It travels in a header and in log lines.
  return z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores')
}
