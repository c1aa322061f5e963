import { type Refusal, refuse } from '../refusals.ts'

const MIN_CHARACTERS = 8
/** Long enough for any phrase; hashing more would be work for nothing. */
export const MAX_PASSWORD = 200

/** Why this cannot be the password of that account; undefined when it can. The detail never repeats the password. */
export function passwordRefusal(password: string, email: string): Refusal | undefined {
  const flaw = flawOf(password, email)
  return flaw === undefined
    ? undefined
    : refuse('invalid_input', flaw, { errors: [{ pointer: '/password', detail: flaw }] })
}

function flawOf(password: string, email: string): string | undefined {
  if (password.length < MIN_CHARACTERS) return `A password has at least ${MIN_CHARACTERS} characters.`
  if (password.length > MAX_PASSWORD) return `A password has at most ${MAX_PASSWORD} characters.`
  if (password.trim() === '') return 'A password is more than spaces.'
  if (password.trim().toLowerCase() === email.toLowerCase()) return 'A password is not the e-mail address itself.'
  return undefined
}
