import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import PostalMime from 'postal-mime'
import { SMTPServer } from 'smtp-server'

/** A mail as it arrived. */
export interface ReceivedMail {
  to: string
  messageId: string
  subject: string
  text: string
  html: string
}

/** A mail server that keeps what it is handed, or misbehaves as told. */
export interface MailServer extends AsyncDisposable {
  url: string
  received: ReceivedMail[]
  /**
   * What it does with the next mails: `take`; refuse the recipient `later` (451) or for `never` (550); take the text and
   * hang up without a word (`vanish`); refuse the text after having read it (`reject`, 554).
   */
  mode: 'take' | 'later' | 'never' | 'vanish' | 'reject'
  /** Told of each mail as it arrives, also of one whose sender hears nothing of it. */
  onMail: (mail: ReceivedMail) => void
}

export async function openMailServer(): Promise<MailServer> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo(_address, _session, callback) {
      if (mail.mode === 'later') return callback(reply(451, 'try again later'))
      if (mail.mode === 'never') return callback(reply(550, 'no such mailbox'))
      return callback()
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => void taken(Buffer.concat(chunks), session.envelope.rcptTo[0]?.address ?? '', callback))
    },
  })
  server.on('error', () => {})
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')

  const mail: MailServer = {
    url: `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    received: [],
    mode: 'take',
    onMail: () => {},
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
  return mail

  async function taken(raw: Buffer, to: string, callback: (error?: Error | null) => void): Promise<void> {
    if (mail.mode === 'reject') return callback(reply(554, 'not here'))
    const { messageId = '', subject = '', text = '', html = '' } = await PostalMime.parse(raw)
    const one = { to, messageId, subject, text, html }
    mail.received.push(one)
    mail.onMail(one)
    if (mail.mode !== 'vanish') return callback()
    for (const connection of server.connections) (connection as { _socket: { destroy: () => void } })._socket.destroy()
  }
}

function reply(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode })
}
