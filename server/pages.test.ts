import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { pages } from './pages.ts'

const folder = mkdtempSync(join(tmpdir(), 'convoke-pages-'))
const script = `console.log('${'x'.repeat(2_000)}')`
mkdirSync(join(folder, 'assets'))
for (const name of ['tour', 'floor']) {
  mkdirSync(join(folder, name))
  writeFileSync(join(folder, name, 'index.html'), `<!doctype html><title>${name}</title>`)
}
writeFileSync(join(folder, 'assets/index-abc.js'), script)
writeFileSync(join(folder, 'assets/secret.key'), 'not a kind that pages are made of')
const site = pages(folder)

afterAll(() => rmSync(folder, { recursive: true }))

describe('pages', () => {
  test('the page itself is asked for every time, and not sent again when it is the same', async () => {
    const first = await site.request('/')
    expect(first.status).toBe(200)
    expect(first.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(first.headers.get('cache-control')).toBe('no-cache')
    expect(await first.text()).toContain('<title>tour</title>')
    expect(await (await site.request('/floor')).text()).toContain('<title>floor</title>')
    const again = await site.request('/', { headers: { 'if-none-match': `W/${first.headers.get('etag')}` } })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
  })

  test('hashed names are kept for a year', async () => {
    const answer = await site.request('/assets/index-abc.js')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(await answer.text()).toBe(script)
  })

  test('a body is packed as the browser takes it, each with a tag of its own', async () => {
    const ask = (accepted: string) => site.request('/assets/index-abc.js', { headers: { 'accept-encoding': accepted } })
    const [br, gzip, refused] = await Promise.all([
      ask('gzip, deflate, br'),
      ask('gzip;q=0.8'),
      ask('br;q=0, gzip;q=0.0'),
    ])
    expect(brotliDecompressSync(await br.arrayBuffer()).toString()).toBe(script)
    expect(gunzipSync(await gzip.arrayBuffer()).toString()).toBe(script)
    expect(refused.headers.get('content-encoding')).toBeNull()
    expect(new Set([br, gzip, refused].map((answer) => answer.headers.get('etag'))).size).toBe(3)
  })

  test('HEAD answers without a body; nothing else is served, and nothing outside the folder', async () => {
    const head = await site.request('/', { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    for (const path of [
      '/index.html',
      '/floor/index.html',
      '/tour',
      '/assets/secret.key',
      '/assets/',
      '/assets/..%2f..%2fpackage.json',
    ]) {
      expect((await site.request(path)).status).toBe(404)
    }
    expect((await site.request('/', { method: 'POST' })).status).toBe(404)
  })

  test('a folder without a page is refused at the start', () => {
    expect(() => pages(join(folder, 'assets'))).toThrow('holds no built page')
  })
})
