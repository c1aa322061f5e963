import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createMailer } from './mailer.ts'

const MAIL = {
  to: 'ana@example.org',
  subject: 'Plan\r\nBcc: all@example.org',
  text: 'Hello',
  html: '<p>Hello</p>',
  id: '0192',
}

test('without a mail server each mail is a file that its owner alone can read', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'convoke-mail-'))
  try {
    const handIn = createMailer({ smtpUrl: undefined, mailFrom: 'Convoke <convoke@example.com>', dataDir })
    const { signal } = new AbortController()
    expect(await handIn(MAIL, signal)).toEqual({ outcome: 'sent' })
    expect(await handIn(MAIL, signal)).toEqual({ outcome: 'sent' })
    const folder = join(dataDir, 'mail')
    expect(await readdir(folder)).toEqual(['0192.eml'])
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect((await stat(join(folder, '0192.eml'))).mode & 0o777).toBe(0o600)
    const text = await readFile(join(folder, '0192.eml'), 'utf8')
    expect(text).toMatch(/^To: ana@example\.org\r$/m)
    expect(text).toMatch(/^Message-ID: <0192@example\.com>\r$/m)
    expect(text).not.toMatch(/^Bcc:/m)
  } finally {
    await rm(dataDir, { recursive: true })
  }
})
