import { describe, expect, test } from 'vitest'
import { civilDay, dayNumber, daysInMonth, weekdayOf } from './civil.ts'

describe('civil days', () => {
  test('every day of the centuries in use has its own number, its own date, and the weekday after the day before', () => {
    let days = dayNumber(1600, 1, 1)
    let weekday = 5 // 1 January 1600 was a Saturday
    for (let year = 1600; year <= 2300; year++) {
      for (let month = 1; month <= 12; month++) {
        for (let day = 1; day <= daysInMonth(year, month); day++, days++, weekday = (weekday + 1) % 7) {
          if (dayNumber(year, month, day) !== days || weekdayOf(days) !== weekday)
            throw new Error(`${year}-${month}-${day}`)
          const civil = civilDay(days)
          if (civil.year !== year || civil.month !== month || civil.day !== day) throw new Error(`day ${days}`)
        }
      }
    }
    expect(civilDay(days)).toEqual({ year: 2301, month: 1, day: 1 })
  })

  test('day 0 is Thursday, 1 January 1970', () => {
    expect(dayNumber(1970, 1, 1)).toBe(0)
    expect(weekdayOf(0)).toBe(3)
  })

  test('centuries are leap years only every fourth time', () => {
    expect([1900, 2000, 2024, 2100].map((year) => daysInMonth(year, 2))).toEqual([28, 29, 29, 28])
  })
})
