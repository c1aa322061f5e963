import { boolean, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import type { BookingRules } from '../../domain/rooms/room.ts'
import { instant } from './columns.ts'

export const building = pgTable('building', {
  organizationId: uuid('organization_id').notNull(),
  id: uuid('id').notNull(),
  name: text('name').notNull(),
  address: text('address'),
  timezone: text('timezone').notNull(),
})

export const floor = pgTable('floor', {
  organizationId: uuid('organization_id').notNull(),
  id: uuid('id').notNull(),
  buildingId: uuid('building_id').notNull(),
  name: text('name').notNull(),
  level: integer('level').notNull(),
})

export const equipment = pgTable('equipment', {
  organizationId: uuid('organization_id').notNull(),
  id: uuid('id').notNull(),
  name: text('name').notNull(),
})

export const room = pgTable('room', {
  organizationId: uuid('organization_id').notNull(),
  id: uuid('id').notNull(),
  name: text('name').notNull(),
  capacity: integer('capacity').notNull(),
  location: text('location'),
  floorId: uuid('floor_id'),
  equipment: text('equipment').array().notNull(),
  amenities: text('amenities').array().notNull(),
  bookingRules: jsonb('booking_rules').$type<BookingRules>().notNull(),
  isActive: boolean('is_active').notNull(),
  version: integer('version').notNull(),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
})
