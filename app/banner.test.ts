import { describe, expect, test } from 'vitest'
import { printBanner, type Banner } from './banner.ts'

const banner: Banner = {
  url: 'http://127.0.0.1:3000',
  logins: [
    { who: 'owner', email: 'ana@demo.convoke', password: 'demo' },
    { who: 'member', email: 'ben@demo.convoke', password: 'demo' },
  ],
  nodes: [{ id: 'api-1', role: 'api', pid: 12 }],
  dataDir: '/srv/.data',
  stop: 'Ctrl-C',
}

describe('the banner', () => {
  test('ends with the address and names logins, nodes, data folder and how to stop', () => {
    const text = printed({ isTTY: false, color: true })
    for (const part of ['ana@demo.convoke  demo', 'ben@demo.convoke', 'api-1', '/srv/.data', 'Ctrl-C']) {
      expect(text).toContain(part)
    }
    const lastWords = text
      .split('\n')
      .filter((line) => /\w/.test(line))
      .at(-1)
    expect(lastWords).toContain('http://127.0.0.1:3000')
  })

  test('is plain for a file or when colours are not wanted, and styled for a terminal', () => {
    const escape = String.fromCharCode(27)
    expect(printed({ isTTY: false, color: true })).not.toContain(escape)
    expect(printed({ isTTY: true, color: false })).not.toContain(escape)
    expect(printed({ isTTY: true, color: true })).toContain(escape)
  })
})

function printed({ isTTY, color }: { isTTY: boolean; color: boolean }): string {
  let text = ''
  printBanner(banner, { isTTY, write: (part) => (text += part) }, color)
  return text
}
