import { describe, expect, test } from 'vitest'
import { readConfig } from './config.ts'

const defaults = { projectDir: '/srv/convoke', newNodeId: () => 'n0de' }
const key = Buffer.alloc(32, 7).toString('base64url')

describe('readConfig', () => {
  test('an empty environment is a development machine with stores of its own', () => {
    expect(configured({})).toMatchObject({
      production: false,
      databaseUrl: undefined,
      redisUrl: undefined,
      host: '127.0.0.1',
      port: 3000,
      roles: ['api', 'realtime', 'worker'],
      nodes: 2,
      nodeId: 'n0de',
      dataDir: '/srv/convoke/.data',
      appKey: undefined,
      demo: true,
      databasePool: 10,
    })
  })

  test('an empty variable counts as not set', () => {
    expect(configured({ PORT: '', DATABASE_URL: ' ' })).toMatchObject({ port: 3000, databaseUrl: undefined })
  })

  test('migrations log in as the application unless they have a login of their own', () => {
    const app = 'postgres://app@db/convoke'
    expect(configured({ DATABASE_URL: app })).toMatchObject({ migrateDatabaseUrl: app, demo: false })
    const owner = 'postgres://owner@db/convoke'
    expect(configured({ DATABASE_URL: app, MIGRATE_DATABASE_URL: owner }).migrateDatabaseUrl).toBe(owner)
  })

  test('roles are listed once and in one order', () => {
    expect(configured({ ROLES: 'worker, api,worker' }).roles).toEqual(['api', 'worker'])
    expect(configured({ ROLES: 'all' }).roles).toHaveLength(3)
  })

  test('fetched programs go to the cache of the account', () => {
    expect(configured({ HOME: '/home/ana' }).cacheDir).toBe('/home/ana/.cache/convoke')
    expect(configured({ HOME: '/home/ana', XDG_CACHE_HOME: '/tmp/c' }).cacheDir).toBe('/tmp/c/convoke')
  })

  test('--nodes is read in both spellings', () => {
    expect(configured({}, ['--nodes', '2']).nodes).toBe(2)
    expect(configured({}, ['--nodes=3']).nodes).toBe(3)
  })

  test('two nodes are for the demo: everything else is one process unless asked', () => {
    expect(configured({}, ['--nodes', '1']).nodes).toBe(1)
    expect(configured({ CONVOKE_DEMO: 'false' }).nodes).toBe(1)
    expect(configured({ DATABASE_URL: 'postgres://app@db/convoke' }).nodes).toBe(1)
    expect(configured({ CONVOKE_DEMO: 'true', ROLES: 'api' }).nodes).toBe(1)
  })

  test.each<[Record<string, string>, string]>([
    [{ PORT: '70000' }, 'PORT: must be a whole number from 0 to 65535.'],
    [{ PORT: 'http' }, 'PORT: must be a whole number from 0 to 65535.'],
    [{ ROLES: 'api,cook' }, 'ROLES: must be all or a comma list of api, realtime, worker.'],
    [{ DATABASE_URL: 'mysql://x' }, 'DATABASE_URL: must be an address that starts with postgres:// or postgresql://.'],
    [{ REDIS_URL: 'localhost:6379' }, 'REDIS_URL: must be an address that starts with redis:// or rediss://.'],
    [{ CONVOKE_APP_KEY: 'secret' }, 'CONVOKE_APP_KEY: must be 32 bytes as base64url (43 characters without padding).'],
    [{ CONVOKE_DEMO: 'yes' }, 'CONVOKE_DEMO: must be true or false.'],
    [{ CONVOKE_NODE_ID: 'a b' }, 'CONVOKE_NODE_ID: must be 1 to 64 letters, digits, dots, dashes or underscores.'],
    [
      { CONVOKE_DATABSE_POOL: '5' },
      'CONVOKE_DATABSE_POOL: there is no such setting; did you mean CONVOKE_DATABASE_POOL?',
    ],
    [{ CONVOKE_ENTIRELY_DIFFERENT: '5' }, 'CONVOKE_ENTIRELY_DIFFERENT: there is no such setting, see docs/CONFIG.md.'],
    [{ MIGRATE_DATABASE_URL: 'postgres://x/y' }, 'MIGRATE_DATABASE_URL: means nothing without DATABASE_URL.'],
  ])('%o is refused in one line', (env, line) => {
    expect(refused(env)).toEqual([line])
  })

  test('every wrong variable gets its own line, and no value is repeated', () => {
    const lines = refused({ PORT: 'x', DATABASE_URL: 'mysql://root:hunter2@db', CONVOKE_DEMO: '1' })
    expect(lines).toHaveLength(3)
    expect(lines.join()).not.toContain('hunter2')
  })

  test('production makes nothing up', () => {
    expect(refused({ NODE_ENV: 'production' }).map((line) => line.split(':')[0])).toEqual([
      'CONVOKE_APP_KEY',
      'DATABASE_URL',
      'REDIS_URL',
    ])
    const given = { DATABASE_URL: 'postgres://db/convoke', REDIS_URL: 'redis://r', CONVOKE_APP_KEY: key }
    expect(configured({ NODE_ENV: 'production', ...given })).toMatchObject({
      production: true,
      demo: false,
      appKey: key,
    })
  })

  test.each([[['--nodes']], [['--nodes', '0']], [['--nodes', '9']], [['--nodes', '2.5']]])('%o is refused', (args) => {
    expect(refused({}, args)).toEqual(['--nodes: must be a number from 1 to 8.'])
  })

  test('an unknown option is refused by name', () => {
    expect(refused({}, ['--node', '2'])[0]).toContain('--node: there is no such option')
  })

  test('several nodes go with all roles only', () => {
    expect(refused({ ROLES: 'api' }, ['--nodes', '2'])[0]).toContain('ROLES=all')
  })
})

function configured(env: Record<string, string>, args: string[] = []) {
  const result = readConfig(env, args, defaults)
  if (!result.ok) throw new Error(result.error.join('\n'))
  return result.value
}

function refused(env: Record<string, string>, args: string[] = []): string[] {
  const result = readConfig(env, args, defaults)
  if (result.ok) throw new Error('it was accepted')
  return result.error
}
