import type { z } from 'zod'
import { type FieldError, type Refusal, type RefusalCode, REFUSALS, refuse } from '../../domain/refusals.ts'
import { unreachable } from '../../domain/result.ts'

/** What fits on a screen; a client that has more wrong than this has one mistake many times. */
const MAX_ERRORS = 20
const MAX_POINTER = 200
const MAX_DETAIL = 500

/**
 * What a schema found wrong with a request, as a refusal. The first issue that names a code of its own (`invalid_time`,
 * `too_large`, …) decides it. Details are worded to follow the pointer: "/title must not be empty".
 */
export function invalid(error: z.ZodError, prefix: '' | '/query'): Refusal {
  const issues = error.issues.flatMap(flatten)
  const errors = issues.flatMap((issue) => fieldErrors(issue, prefix)).slice(0, MAX_ERRORS)
  const named = issues
    .map((issue) => (issue as { params?: { code?: string } }).params?.code)
    .find((code) => code !== undefined)
  const code = named !== undefined && named in REFUSALS ? (named as RefusalCode) : 'invalid_input'
  const sentences = errors.map(({ pointer, detail }) => `${pointer === '' ? 'The body' : pointer} ${detail}`)
  return refuse(code, `${sentences.join('; ').slice(0, MAX_DETAIL)}.`, { errors })
}

/** Zod's error map: one wording for every door that parses with it. */
export function wordIssue(issue: z.core.$ZodRawIssue): string {
  if (issue.input === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_union'))
    return 'is required'
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? issue.expected}`
    case 'too_small':
      return tooSmall(issue.origin, Number(issue.minimum))
    case 'too_big':
      return `must ${HAVE[issue.origin] ?? 'be'} at most ${counted(issue.origin, Number(issue.maximum))}`
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map((value) => JSON.stringify(value)).join(', ')}`
    case 'invalid_format':
      return FORMATS[issue.format] ?? 'does not have the form that is expected'
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return 'is not what is expected here'
    default:
      return unreachable(issue)
  }
}

const TYPES: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

const FORMATS: Record<string, string> = {
  uuid: 'must be a UUID',
  email: 'must be an e-mail address',
}

const HAVE: Record<string, string> = { string: 'have', array: 'have' }

function tooSmall(origin: string, minimum: number): string {
  if (minimum === 1 && HAVE[origin] !== undefined) return 'must not be empty'
  return `must ${HAVE[origin] ?? 'be'} at least ${counted(origin, minimum)}`
}

function counted(origin: string, n: number): string {
  const unit = origin === 'string' ? ' character' : origin === 'array' ? ' item' : ''
  return `${n}${unit}${unit !== '' && n !== 1 ? 's' : ''}`
}

/** A union's own issue says little; what the branch that came closest said is worth more, unless none took even the type. */
function flatten(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue]
  if (
    issue.errors.every((branch) => branch.every((inner) => inner.code === 'invalid_type' && inner.path.length === 0))
  ) {
    return [issue]
  }
  const branch = [...issue.errors].sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0] ?? []
  return branch.flatMap((inner) => flatten({ ...inner, path: [...issue.path, ...inner.path] }))
}

/** A branch that took the type and refused the value is closer than one that refused the type. */
function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length + (issue.code === 'invalid_type' ? 0 : 0.5)))
}

function fieldErrors(issue: z.core.$ZodIssue, prefix: string): FieldError[] {
  if (issue.code !== 'unrecognized_keys') return [{ pointer: pointer(prefix, issue.path), detail: issue.message }]
  return issue.keys.map((key) => ({ pointer: pointer(prefix, [...issue.path, key]), detail: 'is not known here' }))
}

/** RFC 6901. Names come from the client: long ones are cut. */
function pointer(prefix: string, path: readonly PropertyKey[]): string {
  const parts = path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
  return `${prefix}${parts.join('')}`.slice(0, MAX_POINTER)
}
