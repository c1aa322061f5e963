import MimeNode from 'nodemailer/lib/mime-node'
import { encode, wrap } from 'nodemailer/lib/qp'
import type { Mail } from '../../domain/notifications/ports.ts'

/**
 * The mail as it goes over the wire (RFC 5322), plain text and HTML. `from` may carry a display name. Headers are encoded by the
 * library; the two parts are texts of ours and need none of its streams, which cost more than all the rest of a mail.
 */
export function composeMail(from: string, { to, subject, text, html, id }: Mail): Buffer {
  const domain = addressOf(from).split('@').at(-1) ?? 'localhost'
  const head = new MimeNode('multipart/alternative').setHeader({
    from,
    to: { name: '', address: to },
    subject,
    'message-id': `<${id}@${domain}>`,
    // Answers of machines to machines would otherwise come back (RFC 3834, 5).
    'auto-submitted': 'auto-generated',
    'x-auto-response-suppress': 'All',
  })
  const headers = head.buildHeaders()
  const parts = [part(head.boundary, 'plain', text), part(head.boundary, 'html', html)]
  return Buffer.from(`${headers}\r\n\r\n${parts.join('')}--${head.boundary}--\r\n`)
}

function part(boundary: typeof MimeNode.prototype.boundary, type: string, content: string): string {
  const encoded = wrap(encode(content.replaceAll(/\r?\n/g, '\r\n')))
  return `--${boundary}\r\nContent-Type: text/${type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${encoded}\r\n`
}

/** The address of `Name <address>`. */
export function addressOf(from: string): string {
  return /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from
}
