/**
 * Why a start cannot go on, worded for the person who started us: what is wrong, and the way out. It is shown as it is,
 * without a stack; everything else that is thrown is a bug.
 */
export class StartProblem extends Error {
  override readonly name = 'StartProblem'
}

/** The sentence for a failed `listen`, or `undefined` when the error is none that a person can mend. */
export function listenProblem(error: unknown, host: string, port: number): StartProblem | undefined {
  const code = errorCode(error)
  const another = `choose another: PORT=${port < 1024 ? port + 3000 : port + 1} npm start`
  if (code === 'EADDRINUSE') return new StartProblem(`PORT ${port} is taken by another program; ${another}`)
  if (code === 'EACCES') return new StartProblem(`PORT ${port} may not be used by this account; ${another}`)
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new StartProblem(`HOST ${host} is no address of this machine; choose another: HOST=127.0.0.1 npm start`)
  }
  return undefined
}

/** The sentence for a file that cannot be written below `dataDir`, or `undefined` for any other error. */
export function writeProblem(error: unknown, dataDir: string): StartProblem | undefined {
  const reasons: Record<string, string> = {
    EACCES: 'this account may not write there',
    EPERM: 'this account may not write there',
    EROFS: 'it is on a read-only file system',
    ENOSPC: 'the disk is full',
    ENOTDIR: 'a part of that path is a file',
    EEXIST: 'a file of that name is in the way',
  }
  // /proc and its like: any other missing file is a bug of ours.
  const unmakeable = errorCode(error) === 'ENOENT' && (error as NodeJS.ErrnoException).syscall === 'mkdir'
  const reason = unmakeable ? 'no folder can be made there' : reasons[errorCode(error) ?? '']
  if (!reason) return undefined
  const wayOut = 'Choose another folder: DATA_DIR=/some/folder npm start'
  return new StartProblem(`The data folder ${dataDir} cannot be used: ${reason}. ${wayOut}`)
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
