import MailComposer from 'nodemailer/lib/mail-composer'
import type { Mail } from '../../domain/notifications/ports.ts'

/** The mail as it goes over the wire (RFC 5322), plain text and HTML. `from` may carry a display name. */
export function composeMail(from: string, { to, subject, text, html, id }: Mail): Promise<Buffer> {
  const domain = addressOf(from).split('@').at(-1) ?? 'localhost'
  const composer = new MailComposer({
    from,
    to: { name: '', address: to },
    subject,
    text,
    html,
    messageId: `<${id}@${domain}>`,
    // Answers of machines to machines would otherwise come back (RFC 3834, 5).
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return composer.compile().build()
}

/** The address of `Name <address>`. */
export function addressOf(from: string): string {
  return /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from
}
