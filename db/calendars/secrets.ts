import { createHash, createHmac } from 'node:crypto'
import { deriveKey, seal, unseal } from '../identity/application-key.ts'

/** The secrets of calendars: addresses of others' feeds, kept sealed, and those of our own, kept as hashes. */
export interface CalendarSecrets {
  sealUrl: (organizationId: string, integrationId: string, url: string) => Buffer
  unsealUrl: (organizationId: string, integrationId: string, sealed: Uint8Array) => string
  /** Tells equal addresses apart without showing them. */
  digestUrl: (organizationId: string, url: string) => Buffer
  /** The secret of a feed. It is derived, so that a repeated command can answer it again although nothing keeps it. */
  feedToken: (organizationId: string, feedId: string) => string
}

const UUID_BYTES = 16
const SECRET_BYTES = 32

export function createCalendarSecrets(applicationKey: Uint8Array): CalendarSecrets {
  const sealKey = deriveKey(applicationKey, 'calendar addresses')
  const digestKey = deriveKey(applicationKey, 'calendar address digests')
  const feedKey = deriveKey(applicationKey, 'calendar feeds')
  const label = (organizationId: string, id: string) => `${organizationId}|${id}`
  const keyed = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest()
  return {
    sealUrl: (organizationId, integrationId, url) => seal(sealKey, url, label(organizationId, integrationId)),
    unsealUrl: (organizationId, integrationId, sealed) => unseal(sealKey, sealed, label(organizationId, integrationId)),
    digestUrl: (organizationId, url) => keyed(digestKey, label(organizationId, url)),
    feedToken: (organizationId, feedId) =>
      Buffer.concat([
        Buffer.from(organizationId.replaceAll('-', ''), 'hex'),
        keyed(feedKey, label(organizationId, feedId)),
      ]).toString('base64url'),
  }
}

/** The organisation that a feed's secret names; undefined: it is none of ours. Whether it opens anything its hash decides. */
export function organizationOfToken(token: string): string | undefined {
  const bytes = Buffer.from(token, 'base64url')
  if (bytes.length !== UUID_BYTES + SECRET_BYTES) return undefined
  const hex = bytes.toString('hex', 0, UUID_BYTES)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** Looked up by this alone: how long a search of hashes takes tells nothing of the secret. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
