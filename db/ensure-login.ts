import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import pg from 'pg'

/**
 * Makes the login that `url` names, or brings it to this password and these rights: it may act as convoke_app and as
 * convoke_relay, inherits nothing, owns nothing and bypasses nothing. `ownerUrl` may create roles.
 */
export async function ensureLogin(ownerUrl: string, url: string): Promise<void> {
  const { username, password } = new URL(url)
  const [name, secret] = [decodeURIComponent(username), decodeURIComponent(password)]
  if (name === '' || secret === '') throw new Error('a login for nodes has a name and a password')
  const owner = new pg.Client({ connectionString: ownerUrl })
  await owner.connect()
  try {
    const login = owner.escapeIdentifier(name)
    const verifier = owner.escapeLiteral(scramVerifier(secret))
    const { rows } = await owner.query<{ known: boolean }>(
      'SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS known',
      [name],
    )
    const rights = 'LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION NOINHERIT'
    await owner.query(`${rows[0]?.known ? 'ALTER' : 'CREATE'} ROLE ${login} ${rights} PASSWORD ${verifier}`)
    await owner.query(`GRANT convoke_app, convoke_relay TO ${login} WITH INHERIT FALSE, SET TRUE`)
  } finally {
    await owner.end()
  }
}

const ITERATIONS = 4_096

/** What PostgreSQL keeps of a password (RFC 5803), made here so that no statement and no log holds the password itself. */
function scramVerifier(password: string): string {
  const salt = randomBytes(16)
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, ITERATIONS, 32, 'sha256')
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest()
  const stored = createHash('sha256').update(hmac('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${stored}:${hmac('Server Key').toString('base64')}`
}
