import { join } from 'node:path'
import type { Config } from '../config.ts'
import { keptSecret } from './kept-secret.ts'
import { errorCode, StartProblem } from './start-problem.ts'

/**
 * The application key as 43 characters of base64url: the one that was set, else the one kept in the data folder, made
 * at the first start. Production always sets it (`readConfig` refuses otherwise).
 */
export async function loadAppKey(config: Pick<Config, 'appKey' | 'dataDir'>): Promise<string> {
  if (config.appKey) return config.appKey
  try {
    return await keptSecret(join(config.dataDir, 'app-key'))
  } catch (error) {
    const reason = errorCode(error) ?? String(error)
    throw new StartProblem(
      `The application key cannot be kept in ${config.dataDir} (${reason}). Choose another folder with DATA_DIR, or set CONVOKE_APP_KEY.`,
    )
  }
}
