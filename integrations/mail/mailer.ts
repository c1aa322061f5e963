import { join } from 'node:path'
import type { HandIn } from '../../domain/notifications/ports.ts'
import { createMailbox } from './mailbox.ts'
import { createSmtp } from './smtp.ts'

interface MailerOptions {
  /** undefined: mail stays on this machine, below `dataDir`. */
  smtpUrl: string | undefined
  mailFrom: string
  dataDir: string
}

export function createMailer({ smtpUrl, mailFrom, dataDir }: MailerOptions): HandIn {
  if (smtpUrl === undefined) return createMailbox({ folder: join(dataDir, 'mail'), from: mailFrom })
  return createSmtp({ url: smtpUrl, from: mailFrom })
}
