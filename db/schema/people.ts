import { integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import type { Role } from '../../domain/identity/actor.ts'
import type { WorkingHours } from '../../domain/people/user.ts'
import { instant } from './columns.ts'

export const users = pgTable('users', {
  organizationId: uuid('organization_id').notNull(),
  id: uuid('id').notNull(),
  email: text('email').notNull(),
  firstName: text('first_name').notNull(),
  lastName: text('last_name').notNull(),
  department: text('department'),
  role: text('role').$type<Role>().notNull(),
  timezone: text('timezone').notNull(),
  workingHours: jsonb('working_hours').$type<WorkingHours>().notNull(),
  preferences: jsonb('preferences').$type<object>().notNull(),
  version: integer('version').notNull(),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
})
