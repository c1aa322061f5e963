import { randomUUID } from 'node:crypto'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import pg from 'pg'

/**
 * The bare limit: Hono and pg and the same questions to the same tables. No token, no wall between tenants, no validation, no
 * rights, no shape of an answer; a booking is one row that protects nobody. Its arguments: the store and the organisation.
 */
const [url, organizationId, connections] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: url, max: Number(connections), application_name: 'bare' })
const app = new Hono()

app.get('/rooms/available', async (c) => {
  const { startTime, endTime, capacity } = c.req.query()
  return rows(c, 'available', AVAILABLE, [startTime, endTime, capacity])
})
app.get('/rooms/:id/schedule', async (c) => {
  const { from, to } = c.req.query()
  return rows(c, 'schedule', SCHEDULE, [c.req.param('id'), from, to])
})
app.get('/meetings', async (c) => {
  const { from, to, limit } = c.req.query()
  return rows(c, 'list', LIST, [from, to, limit])
})
app.get('/meetings/:id', async (c) => rows(c, 'meeting', MEETING, [c.req.param('id')]))
app.post('/meetings', async (c) => {
  const { startTime, endTime, roomIds } = await c.req.json()
  const values = [randomUUID(), roomIds[0], randomUUID(), startTime, endTime]
  await pool.query({ name: 'book', text: BOOK, values: [organizationId, ...values] })
  return c.json({ id: values[2] }, 201)
})

const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => process.send?.({ port }))
process.on('disconnect', () => {
  server.close()
  void pool.end()
})

async function rows(c: { json: (body: object) => Response }, name: string, text: string, values: unknown[]) {
  const { rows: items } = await pool.query({ name, text, values: [organizationId, ...values] })
  return c.json({ items })
}

const SCHEDULE = `
  SELECT a.id, a.meeting_id, a.recurrence_id, a.starts_at, a.ends_at, o.status, m.title
  FROM allocation a
  JOIN occurrence o ON o.organization_id = $1 AND o.meeting_id = a.meeting_id AND o.recurrence_id = a.recurrence_id
  JOIN meeting m ON m.organization_id = $1 AND m.id = a.meeting_id
  WHERE a.organization_id = $1 AND a.resource_id = $2 AND a.starts_at < $4 AND a.ends_at > $3
    AND a.starts_at > $3::timestamptz - interval '15 days'
  ORDER BY a.starts_at, a.id LIMIT 100`

const LIST = `
  SELECT o.meeting_id, o.recurrence_id, o.starts_at, o.ends_at, o.status, m.*
  FROM occurrence o JOIN meeting m ON m.organization_id = $1 AND m.id = o.meeting_id
  WHERE o.organization_id = $1 AND o.starts_at < $3 AND o.ends_at > $2
    AND o.starts_at > $2::timestamptz - interval '15 days' AND o.status <> 'cancelled'
  ORDER BY o.starts_at, o.meeting_id, o.recurrence_id LIMIT $4`

const MEETING = `
  SELECT m.*, (SELECT json_agg(p) FROM participant p WHERE p.organization_id = $1 AND p.meeting_id = m.id) AS participants
  FROM meeting m WHERE m.organization_id = $1 AND m.id = $2`

const AVAILABLE = `
  SELECT r.* FROM room r
  WHERE r.organization_id = $1 AND r.is_active AND r.capacity >= $4 AND NOT EXISTS (
    SELECT FROM allocation a WHERE a.organization_id = $1 AND a.resource_id = r.id AND a.starts_at < $3 AND a.ends_at > $2
      AND a.starts_at > $2::timestamptz - interval '15 days')
  ORDER BY r.capacity, r.name LIMIT 500`

const BOOK = `
  INSERT INTO bare VALUES ($1, $2, $3, 'room', $4, '20270104T090000', $5, $6, $5, $6, tstzrange($5, $6), true)
  ON CONFLICT DO NOTHING`
