import type { Claim } from '../meeting.ts'
import type { MeetingAggregate, MeetingsTx } from '../ports.ts'

/** What a command that ran dry would have written. */
export interface Asked {
  /** The meeting that claims: a new one, or one as it would be after its change. */
  aggregate: MeetingAggregate
  /** What it would claim anew. */
  claims: readonly Claim[]
  /** What it would give back before. */
  released: readonly Claim[]
}

/**
 * A transaction in which a command on a meeting runs to its end and writes nothing: it reads what is there, and every claim
 * is granted. So a preview is judged by the very command that will be committed. `asked` is set when the command got as far as
 * its claims.
 */
export function openDryRun(tx: MeetingsTx): { tx: MeetingsTx; asked: () => Asked | undefined } {
  let aggregate: MeetingAggregate | undefined
  let claims: readonly Claim[] = []
  const released: Claim[] = []
  const nothing = async () => {}
  const dry: MeetingsTx = {
    ...tx,
    async load(id) {
      aggregate = await tx.load(id)
      return aggregate
    },
    async book(booked, all) {
      aggregate = booked
      claims = all
      return true
    },
    async insert(inserted) {
      aggregate = inserted
    },
    async update(meeting, parts) {
      if (aggregate === undefined || aggregate.meeting.id === meeting.id) {
        aggregate = { participants: [], occurrences: [], ...aggregate, ...parts, meeting }
      }
    },
    async claim(_, all) {
      claims = all
      return true
    },
    async release(_, given) {
      released.push(...given)
    },
    lostClaims: async () => [],
    // A refusal of a preview proposes nothing: the preview itself is the proposal.
    freeRooms: async () => [],
    busy: async () => [],
    writeText: nothing,
    keepChange: nothing,
    record: nothing,
  }
  return { tx: dry, asked: () => aggregate && { aggregate, claims, released } }
}
