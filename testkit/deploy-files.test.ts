import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Registry, collectDefaultMetrics } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { environment } from '../app/environment.ts'

/** No container engine runs where tests run: what can be said of these files by reading them is said here. */
const ROOT = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

interface Service {
  image: string
  build?: string
  command?: string | string[]
  environment?: Record<string, string>
  depends_on?: string[] | Record<string, { condition: string }>
  healthcheck?: { disable?: boolean; test?: string[] }
  ports?: string[]
  volumes?: string[]
  secrets?: string[]
  deploy?: { resources?: { limits?: { cpus?: string; memory?: string } } }
}

interface Compose {
  services: Record<string, Service>
  volumes?: Record<string, unknown>
  secrets?: Record<string, { environment: string }>
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose
const services = Object.entries(compose.services)
const nodes = services.filter(([, service]) => service.build !== undefined)
const dockerfile = read('Dockerfile')

describe('docker-compose.yml', () => {
  test('holds an installation: stores, two nodes of every front, a worker, a balancer and what watches them', () => {
    const roles = nodes.map(([, { environment: env }]) => env?.['ROLES'])
    expect(roles).toEqual([undefined, 'api', 'api', 'realtime', 'realtime', 'worker'])
    expect(Object.keys(compose.services)).toEqual(
      expect.arrayContaining(['postgres', 'redis', 'migrate', 'balancer', 'prometheus', 'grafana', 'jaeger']),
    )
    expect(compose.services['postgres']?.image).toBe('postgres:18')
  })

  test.each(services)('%s waits for what there is, in a way it can be waited for', (_name, { depends_on = [] }) => {
    const wanted = Array.isArray(depends_on)
      ? depends_on.map((name) => [name, 'service_started'] as const)
      : Object.entries(depends_on).map(([name, { condition }]) => [name, condition] as const)
    for (const [name, condition] of wanted) {
      const service = compose.services[name]
      expect(service, name).toBeDefined()
      if (condition === 'service_healthy') expect(service?.healthcheck ?? service?.build, name).toBeDefined()
      if (condition === 'service_completed_successfully') expect(service).toMatchObject({ restart: 'no' })
    }
  })

  test.each(services)('%s has limits, and mounts and secrets that exist', (_name, service) => {
    expect(service.deploy?.resources?.limits).toEqual(
      expect.objectContaining({ cpus: expect.stringMatching(/^\d/), memory: expect.stringMatching(/^\d+[mg]$/) }),
    )
    for (const volume of service.volumes ?? []) {
      const source = volume.split(':')[0] ?? ''
      expect(source.startsWith('./') ? existsSync(join(ROOT, source)) : source in (compose.volumes ?? {}), volume).toBe(
        true,
      )
    }
    for (const secret of service.secrets ?? []) expect(compose.secrets).toHaveProperty(secret)
  })

  test.each(nodes)('%s is told nothing that app/environment.ts does not know', (_name, service) => {
    for (const name of Object.keys(service.environment ?? {})) expect(Object.keys(environment.shape)).toContain(name)
  })

  test('opens each port once, and none but the balancer’s to other machines', () => {
    const open = services.flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port] as const))
    const host = open.map(([, port]) => port.split(':').slice(0, -1).join(':'))
    expect(new Set(host).size).toBe(host.length)
    expect(open.filter(([, port]) => !port.startsWith('127.0.0.1:')).map(([name]) => name)).toEqual(['balancer'])
  })

  test('has no password of its own: each must be given, and deploy/example.env asks for it', () => {
    const asked = [...read('deploy/example.env').matchAll(/^([A-Z_]+)=(.*)$/gm)]
    const given = new Map(asked.map(([, name, value]) => [name, value]))
    for (const [, name, rest] of read('docker-compose.yml').matchAll(/(?<!\$)\$\{(\w+)([^}]*)\}/g)) {
      if (!rest?.startsWith(':-')) expect(rest, name).toBe(':?')
      if (/PASSWORD|KEY|TOKEN/.test(String(name))) {
        expect(rest, name).toBe(':?')
        expect(given.get(name), name).toBe('')
      }
    }
    for (const [, { environment: env = {} }] of services) {
      for (const [name, value] of Object.entries(env)) {
        if (/PASSWORD|KEY|TOKEN|_URL$/.test(name)) expect(value, name).toMatch(/^$|\$\{\w+:[?-]|^http:\/\/jaeger:4318$/)
      }
    }
  })
})

describe('Dockerfile', () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
    ([, sources]) => sources?.split(' ') ?? [],
  )

  test('copies what exists, what .dockerignore lets through, and every folder that the product imports', () => {
    const let_through = new Set([...read('.dockerignore').matchAll(/^!(.+)$/gm)].map(([, path]) => path))
    for (const source of copied) {
      expect(existsSync(join(ROOT, source)), source).toBe(true)
      expect(let_through, source).toContain(source)
    }
    for (const room of ['app', 'db', 'domain', 'integrations', 'jobs', 'realtime', 'server', 'web']) {
      expect(copied).toContain(room)
    }
  })

  test('ends in a stage without development packages, as a user who owns nothing, with a command that exists', () => {
    const last = dockerfile.split(/^FROM /m).at(-1) ?? ''
    expect(dockerfile).toContain('npm ci --omit=dev')
    expect(last).toMatch(/^USER node$/m)
    expect(last).toMatch(/^HEALTHCHECK /m)
    expect(last).not.toContain('RUN')
    const [, script] = /^CMD \["node", "(.+)"\]$/m.exec(last) ?? []
    expect(existsSync(join(ROOT, String(script)))).toBe(true)
  })
})

test('the balancer and the scraper ask services that there are, where they listen', () => {
  const port = /PORT=(\d+)/.exec(dockerfile)?.[1]
  const servers = [...read('deploy/haproxy.cfg').matchAll(/^\s+server (\S+) (\S+):(\d+)/gm)]
  expect(servers.map(([, name]) => name)).toEqual(['api-1', 'api-2', 'realtime-1', 'realtime-2'])
  const { scrape_configs } = parse(read('deploy/prometheus.yml')) as {
    scrape_configs: { static_configs: { targets: string[] }[] }[]
  }
  const targets = scrape_configs.flatMap(({ static_configs }) => static_configs.flatMap(({ targets: some }) => some))
  expect(targets).toHaveLength(5)
  for (const address of [...targets, ...servers.map(([, , host, at]) => `${host}:${at}`)]) {
    const [host, at] = address.split(':')
    expect(nodes.map(([name]) => name)).toContain(host)
    expect(at).toBe(port)
  }
})

test('every panel of the dashboard asks for figures that the product has', () => {
  const { panels } = JSON.parse(read('deploy/grafana/dashboards/convoke.json')) as {
    panels: { title: string; targets: { expr: string }[] }[]
  }
  const known = figures()
  for (const { title, targets } of panels) {
    for (const { expr } of targets) {
      const names = expr.match(/\b(?:convoke|process|nodejs)_\w+/g) ?? []
      expect(names.length, title).toBeGreaterThan(0)
      for (const name of names) expect(known, title).toContain(name.replace(/_(?:bucket|count|sum)$/, ''))
    }
  }
  expect(panels.length).toBeGreaterThan(10)
})

/** Names of metrics in the sources, and those that every Node process has. */
function figures(): Set<string> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const ours = globSync('{app,db,jobs,realtime,server}/**/*.ts', { cwd: ROOT }).flatMap((file) => [
    ...read(file).matchAll(/(?:name: |gauge\([\w.]+, |\()'(convoke_\w+)'/g),
  ])
  return new Set([...registry.getMetricsAsArray().map(({ name }) => name), ...ours.map(([, name]) => String(name))])
}
