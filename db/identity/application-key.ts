import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** A key for one purpose; knowing it tells nothing of the application key or of the keys for other purposes. */
export function deriveKey(applicationKey: Uint8Array, purpose: string): Uint8Array {
  if (applicationKey.length !== 32) throw new Error('the application key has 32 bytes')
  return new Uint8Array(hkdfSync('sha256', applicationKey, '', `convoke ${purpose}`, 32))
}

/** `nonce || tag || ciphertext`. `label` is bound to it: a sealed value does not open under another label. */
export function seal(key: Uint8Array, secret: string, label: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(label))
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed])
}

/** Throws when the key, the label or a byte is another one. */
export function unseal(key: Uint8Array, sealed: Uint8Array, label: string): string {
  const bytes = Buffer.from(sealed)
  const nonce = bytes.subarray(0, NONCE_BYTES)
  const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(label))
    .setAuthTag(tag)
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8')
}
