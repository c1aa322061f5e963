import { customType } from 'drizzle-orm/pg-core'
import type { Instant } from '../../domain/time/instant.ts'

/** timestamptz as our pool reads it: epoch milliseconds, never a Date. Written by hand: `to_timestamp($1 / 1000.0)`. */
export const instant = customType<{ data: Instant; driverData: Instant }>({ dataType: () => 'timestamptz' })
