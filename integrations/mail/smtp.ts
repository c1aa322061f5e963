import { Readable } from 'node:stream'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { HandIn, HandedIn, Mail } from '../../domain/notifications/ports.ts'
import { addressOf, composeMail } from './compose.ts'

// A turn of the mail job lasts 30 s at most.
const CONNECT_TIMEOUT_MS = 5_000
const SILENCE_TIMEOUT_MS = 15_000

/**
 * Hands mail in by SMTP, one connection a mail. What counts is whether the text went out before something broke: until the
 * server asked for it (354), it surely has no mail of ours.
 */
export function createSmtp({ url, from }: { url: string; from: string }): HandIn {
  const { hostname, port, protocol, username, password } = new URL(url)
  const secure = protocol === 'smtps:'
  const auth = username === '' ? undefined : { user: decodeURIComponent(username), pass: decodeURIComponent(password) }
  return async (mail, signal) => {
    const text = composeMail(from, mail)
    const connection = new SMTPConnection({
      host: hostname,
      port: port === '' ? (secure ? 465 : 587) : Number(port),
      secure,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      greetingTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENCE_TIMEOUT_MS,
      // Never the password in clear over the open network, though a server may well have no TLS to offer.
      requireTLS: auth !== undefined && !secure && !isLoopback(hostname),
    })
    const body = new Body(text)
    const abort = () => connection.close()
    signal.addEventListener('abort', abort)
    try {
      await deliver(connection, auth, { from: addressOf(from), to: [mail.to] }, body)
      return { outcome: 'sent' }
    } catch (error) {
      return failed(error, body.isAsked)
    } finally {
      signal.removeEventListener('abort', abort)
      connection.close()
    }
  }
}

/** Read for the first time when the server has said that it waits for the text. */
class Body extends Readable {
  isAsked = false
  readonly #text: Buffer

  constructor(text: Buffer) {
    super()
    this.#text = text
  }

  override _read(): void {
    this.isAsked = true
    this.push(this.#text)
    this.push(null)
  }
}

function deliver(
  connection: SMTPConnection,
  auth: { user: string; pass: string } | undefined,
  envelope: { from: string; to: Mail['to'][] },
  body: Readable,
): Promise<void> {
  return new Promise((resolve, reject) => {
    // Whatever ends the connection ends the wait.
    connection.on('error', reject)
    connection.on('end', () => reject(new Error('the connection was closed')))
    connection.connect((error) => {
      if (error) return reject(error)
      if (auth === undefined) return send()
      connection.login({ credentials: auth }, (refused) => (refused ? reject(refused) : send()))
    })

    function send(): void {
      connection.send(envelope, body, (error) => {
        if (error) return reject(error)
        connection.quit()
        resolve()
      })
    }
  })
}

function failed(error: unknown, isTextOut: boolean): HandedIn {
  const { responseCode, code, name } = error as { responseCode?: number; code?: string; name: string }
  // What a server answers may repeat addresses: its number says enough.
  const reason = [name, code, responseCode].filter((part) => part !== undefined).join(' ')
  if (responseCode !== undefined && responseCode >= 400) {
    // A wrong password is the installation's fault, not the mail's.
    return { outcome: 'refused', forGood: responseCode >= 500 && code !== 'EAUTH', reason }
  }
  return isTextOut ? { outcome: 'unknown', reason } : { outcome: 'refused', forGood: false, reason }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.')
}
