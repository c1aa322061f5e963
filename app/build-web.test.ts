import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { buildWeb } from './build-web.ts'

const dist = await mkdtemp(join(tmpdir(), 'convoke-dist-'))
afterAll(() => rm(dist, { recursive: true, force: true }))

test('processes that build at once share one build, and later ones take it as it is', { timeout: 60_000 }, async () => {
  const folders = await Promise.all([buildWeb(dist), buildWeb(dist)])
  expect(new Set(folders).size).toBe(1)
  const start = performance.now()
  expect(await buildWeb(dist)).toBe(folders[0])
  // Generous for a busy machine: a build takes more than ten times as long as a look at the sources.
  expect(performance.now() - start).toBeLessThan(500)
  expect(await readdir(dist)).toHaveLength(1)
})

test('what is built follows from the sources, whatever NODE_ENV says', { timeout: 60_000 }, async () => {
  const other = await mkdtemp(join(tmpdir(), 'convoke-dist-'))
  try {
    vi.stubEnv('NODE_ENV', 'development')
    const here = await buildWeb(join(other, 'development'))
    vi.stubEnv('NODE_ENV', 'production')
    const there = await buildWeb(join(other, 'production'))
    // The names hold the hashes of the contents.
    expect(await readdir(join(there, 'assets'))).toEqual(await readdir(join(here, 'assets')))
  } finally {
    vi.unstubAllEnvs()
    await rm(other, { recursive: true, force: true })
  }
})

test('a page has nothing inline and nothing from elsewhere: its content security policy would refuse both', async () => {
  const built = await buildWeb(dist)
  const folders = (await readdir(built)).filter((name) => name !== 'assets')
  expect(folders).toEqual(expect.arrayContaining(['dashboard', 'floor', 'meet', 'meeting', 'panel', 'tour']))
  for (const folder of folders) {
    const page = await readFile(join(built, folder, 'index.html'), 'utf8')
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|data:/)
    const addresses = [...page.matchAll(/\s(?:src|href)="([^"]*)"/g)].map((match) => match[1])
    expect(addresses.length).toBeGreaterThanOrEqual(3)
    for (const address of addresses) expect(address).toMatch(/^\/assets\/[\w-]+-[\w-]{8}[.](js|css|svg)$/)
  }
})
