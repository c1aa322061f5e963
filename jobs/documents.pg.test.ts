import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { appendUpdates, readDoc, readDocSince } from '../db/documents/doc-log.ts'
import { type OpenedDoc, openDoc } from '../db/documents/open-doc.ts'
import { captureUpdate, openYDoc } from '../db/documents/yjs-doc.ts'
import { readOnly, transact } from '../db/transaction.ts'
import { parseDocId, type DocRef } from '../domain/documents/doc-ref.ts'
import { ok } from '../domain/result.ts'
import { SECOND_MS, plus } from '../domain/time/instant.ts'
import { authRoutes } from '../server/rest/auth.ts'
import { meetingsRoutes } from '../server/rest/meetings.ts'
import { type SignedIn, type TestApi, openTestApi } from '../testkit/api.ts'
import { createDocumentJob } from './documents.ts'
import type { SingleJob } from './job.ts'

let api: TestApi
let owner: pg.Pool
let founder: SignedIn
let organizationId: string
let job: SingleJob
beforeAll(async () => {
  api = await openTestApi((deps) => [...authRoutes(deps), ...meetingsRoutes(deps)])
  owner = new pg.Pool({ connectionString: api.database.url, max: 2 })
  founder = await api.register()
  organizationId = (await api.identity.authenticate(founder.accessToken, 'http'))!.organizationId
  job = createDocumentJob({ ...api.deps, pool: api.database.app, now: () => api.clock.now })
})
afterAll(async () => {
  await owner?.end()
  await api?.[Symbol.asyncDispose]()
})

describe('A document begins', () => {
  test('once, when twenty open it at the same time', async () => {
    const { ref, docId } = await meeting()
    const opened = await Promise.all(Array.from({ length: 20 }, () => open(ref)))
    const states = new Set(opened.map((one) => Buffer.from(one!.doc.updates[0]!).toString('hex')))
    expect(states.size).toBe(1)
    expect((await look(docId)).getText('title').toJSON()).toBe('Budget')
  })

  test('not at all for an occurrence that is not there, or who may not open it', async () => {
    const { ref } = await meeting()
    expect(await open({ ...ref, recurrenceId: '20300101T100000' as never })).toBeUndefined()
    const refused = await openDoc(api.database.app, { organizationId, ref, now: api.clock.now }, () => false)
    expect(refused).toBeUndefined()
    const { rows } = await owner.query('SELECT FROM doc WHERE meeting_id = $1', [ref.meetingId])
    expect(rows).toEqual([])
  })

  test('for one occurrence with its own time', async () => {
    const { ref } = await meeting({ recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=3' } })
    const opened = await open({ ...ref, recurrenceId: '20261125T100000' as never })
    expect(openYDoc(opened!.doc.updates).getMap('schedule').get('start')).toBe('2026-11-25T10:00:00Z')
  })
})

describe('The projector', () => {
  test('brings title and description to the meeting: its text revision moves, its version does not, and it is news once', async () => {
    const { id, docId, etag, ref } = await meeting()
    await open(ref)
    await edit(docId, (doc) => {
      doc.getText('title').insert(6, ' for\n2027 ')
      doc.getText('description').insert(0, 'All ')
      doc.getArray('agenda').push([new Y.Map(Object.entries({ id: '1', text: 'Open the books' }))])
      const paragraph = new Y.XmlElement('paragraph')
      paragraph.insert(0, [new Y.XmlText('Nobody agreed')])
      doc.getXmlFragment('notes').insert(0, [paragraph])
    })
    await run(docId)
    await run(docId)
    const read = await api.call('GET', `/meetings/${id}`, { token: founder.accessToken })
    expect(read.body).toMatchObject({ title: 'Budget for 2027', description: 'All numbers', version: 1 })
    expect([etag, read.headers.get('etag')]).toEqual(['"1.1"', '"1.2"'])
    const text = await owner.query('SELECT search_text FROM doc_text WHERE doc_id = $1', [docId])
    expect(text.rows[0].search_text).toBe('Budget for 2027\nAll numbers\nOpen the books\nNobody agreed')
    const news = await owner.query(`SELECT type, data->>'title' AS title FROM outbox WHERE topic = $1 ORDER BY seq`, [
      docId,
    ])
    expect(news.rows).toEqual([
      { type: 'meeting.created', title: 'Budget' },
      { type: 'meeting.updated', title: 'Budget for 2027' },
    ])
    const audit = await owner.query(`SELECT actor_id FROM audit WHERE subject_id = $1 AND action = 'meeting.write'`, [
      id,
    ])
    expect(audit.rows).toEqual([{ actor_id: founder.user.id }])
  })

  test('puts right what breaks the schema, as an update like any other', async () => {
    const { docId, ref } = await meeting()
    await open(ref)
    await edit(docId, (doc) => {
      doc.getText('title').insert(0, 'x'.repeat(600))
      doc.getText('title').insertEmbed(0, { image: 'x' })
      doc.getMap('schedule').set('start', '1999-01-01T00:00:00Z')
      doc.getMap('schedule').set('mine', true)
      doc.getArray('agenda').push(['a text', new Y.Map([['text', 'stays']])])
      doc.getArray('elsewhere').push([1, 2])
      doc.getMap('elsewhere-too').set('a', 1)
      const link = new Y.XmlText()
      link.insert(0, 'click', { link: { href: 'javascript:alert(1)' }, strong: {} })
      link.insert(5, ' here', { 'link--abcdefgh': { href: 'https://example.org/' } })
      const paragraph = new Y.XmlElement('paragraph')
      paragraph.setAttribute('onclick', 'alert(1)')
      paragraph.insert(0, [link])
      doc.getXmlFragment('notes').insert(0, [new Y.XmlElement('script'), paragraph])
    })
    await run(docId)
    const doc = await look(docId)
    expect(doc.getText('title').toDelta()).toEqual([{ insert: 'x'.repeat(500) }])
    expect(doc.getMap('schedule').toJSON()).toMatchObject({ start: '2026-11-24T10:00:00Z', status: 'confirmed' })
    expect(doc.getMap('schedule').has('mine')).toBe(false)
    expect(doc.getArray('agenda').toJSON()).toEqual([{ text: 'stays' }])
    expect([doc.getArray('elsewhere').toJSON(), doc.getMap('elsewhere-too').toJSON()]).toEqual([[], {}])
    const notes = doc.getXmlFragment('notes').toArray() as Y.XmlElement[]
    expect(notes.map((node) => [node.nodeName, node.getAttributes()])).toEqual([['paragraph', {}]])
    expect((notes[0]!.get(0) as Y.XmlText).toDelta()).toEqual([
      { insert: 'click', attributes: { strong: {} } },
      { insert: ' here', attributes: { 'link--abcdefgh': { href: 'https://example.org/' } } },
    ])
    const { head } = (await stored(docId))!
    await run(docId)
    expect((await stored(docId))!.head).toBe(head)
  })

  test('lets an empty title be while somebody may be typing, and then puts the meeting’s back', async () => {
    const { docId, ref, id } = await meeting()
    await open(ref)
    await edit(docId, (doc) => doc.getText('title').delete(0, 6))
    expect(await run(docId)).toBe(plus(api.clock.now, 10 * SECOND_MS))
    expect((await look(docId)).getText('title').toJSON()).toBe('')
    api.clock.now = plus(api.clock.now, 10 * SECOND_MS)
    await run(docId)
    expect((await look(docId)).getText('title').toJSON()).toBe('Budget')
    const { body } = await api.call('GET', `/meetings/${id}`, { token: founder.accessToken })
    expect(body.title).toBe('Budget')
  })

  test('shows a new time in the document, and is woken by the news of it', async () => {
    const { docId, ref, id } = await meeting()
    await open(ref)
    const change = { startTime: '2026-11-24T12:00:00Z', version: 1 }
    await api.call('PUT', `/meetings/${id}`, { token: founder.accessToken, body: change })
    const row = { topic: docId, type: 'meeting.updated' } as never
    expect(job.wakenBy!(row, api.clock.now)).toEqual([{ subject: docId, dueAt: api.clock.now }])
    await run(docId)
    expect((await look(docId)).getMap('schedule').get('start')).toBe('2026-11-24T12:00:00Z')
  })

  test('makes snapshots of an idle document, keeps the one before, and nothing is lost', async () => {
    const { docId, ref } = await meeting()
    await open(ref)
    const counts = async () => {
      const found = await Promise.all(
        ['doc_update', 'doc_snapshot'].map((table) => owner.query(`SELECT FROM ${table} WHERE doc_id = $1`, [docId])),
      )
      return found.map(({ rowCount }) => rowCount)
    }
    for (let round = 1; round <= 3; round++) {
      for (let i = 0; i < 4; i++) await edit(docId, (doc) => doc.getText('description').insert(0, `${round}${i} `))
      expect(await run(docId)).toBe(plus(api.clock.now, 30 * SECOND_MS))
      api.clock.now = plus(api.clock.now, 30 * SECOND_MS)
      expect(await run(docId)).toBeUndefined()
    }
    expect(await counts()).toEqual([4, 2])
    expect((await look(docId)).getText('description').toJSON()).toBe('33 32 31 30 23 22 21 20 13 12 11 10 numbers')
    expect(await readOnly(api.database.app, organizationId, (tx) => readDocSince(tx, docId, 1))).toBeUndefined()
    const since = await readOnly(api.database.app, organizationId, (tx) => readDocSince(tx, docId, 9))
    expect(since?.map(({ seq }) => seq)).toEqual([10, 11, 12, 13])
  })
})

describe('A title that comes by REST', () => {
  test('is merged into what is typed in the document at the same time', async () => {
    const { docId, ref, id } = await meeting({ description: 'First line. Last line.' })
    const opened = await open(ref)
    // Somebody who has not heard of the change yet.
    const replica = openYDoc(opened!.doc.updates)
    const body = { title: 'New budget', description: 'First line! Last line.', version: 1 }
    expect((await api.call('PUT', `/meetings/${id}`, { token: founder.accessToken, body })).status).toBe(200)
    const typed = captureUpdate(replica, () => replica.getText('description').insert(22, ' And one more.'))!
    await append(docId, typed)
    const doc = await look(docId)
    expect(doc.getText('title').toJSON()).toBe('New budget')
    expect(doc.getText('description').toJSON()).toBe('First line! Last line. And one more.')
  })

  test('leaves alone what the writer only repeats', async () => {
    const { docId, ref, id } = await meeting()
    await open(ref)
    await edit(docId, (doc) => doc.getText('title').insert(6, ' 2027'))
    const body = { title: 'Budget', description: 'Other numbers', version: 1 }
    await api.call('PUT', `/meetings/${id}`, { token: founder.accessToken, body })
    const doc = await look(docId)
    expect([doc.getText('title').toJSON(), doc.getText('description').toJSON()]).toEqual([
      'Budget 2027',
      'Other numbers',
    ])
  })
})

async function meeting(more: object = {}): Promise<{ id: string; docId: string; ref: DocRef; etag: string | null }> {
  const span = { startTime: '2026-11-24T10:00:00Z', endTime: '2026-11-24T11:00:00Z', timezone: 'UTC' }
  const body = { title: 'Budget', description: 'numbers', ...span, ...more }
  const answer = await api.call('POST', '/meetings', { token: founder.accessToken, body })
  const { id } = answer.body.meeting
  const docId = `meeting:${id}`
  return { id, docId, ref: parseDocId(docId) as DocRef, etag: answer.headers.get('etag') }
}

function open(ref: DocRef): Promise<OpenedDoc | undefined> {
  return openDoc(api.database.app, { organizationId, ref, now: api.clock.now }, () => true)
}

function stored(docId: string) {
  return readOnly(api.database.app, organizationId, (tx) => readDoc(tx, docId))
}

async function look(docId: string): Promise<Y.Doc> {
  return openYDoc((await stored(docId))!.updates)
}

async function edit(docId: string, change: (doc: Y.Doc) => void): Promise<void> {
  const doc = await look(docId)
  await append(
    docId,
    captureUpdate(doc, () => change(doc))!,
  )
}

async function append(docId: string, payload: Uint8Array): Promise<void> {
  const scope = { organizationId, userId: founder.user.id }
  await transact(api.database.app, scope, { now: api.clock.now, onNews: () => {} }, async (tx) => {
    await appendUpdates(tx, [{ docId, payload, authorIds: [founder.user.id] }], api.clock.now)
    return ok(undefined)
  })
}

function run(subject: string) {
  const { now } = api.clock
  return job.run({ organizationId, subject, dueAt: now, now, attempt: 1, signal: new AbortController().signal })
}
