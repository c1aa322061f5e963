import type { Report } from '../bench/report.ts'

export async function news(_report: Report, _options: { quick: boolean }): Promise<void> {}
