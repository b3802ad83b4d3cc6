/** The lines of a file, or of stdin, one after the other: a large one is never held as a whole. */
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { ErpmaxError } from '../kernel/errors.js'

/**
 * Opens the file at once, so that one that cannot be read is told before anything else is done.
 * @param file `-` is stdin
 * @throws usage `usage.file_unreadable`, `usage.stdin_is_terminal`
 */
export async function linesOf(file: string): Promise<AsyncIterable<string>> {
  if (file !== '-') return eachLine(await opened(file))
  if (!process.stdin.isTTY) return eachLine(() => process.stdin)
  throw new ErpmaxError(
    'usage',
    'usage.stdin_is_terminal',
    '--from-file - reads a pipe, and stdin is the terminal',
  )
}

async function opened(file: string): Promise<() => NodeJS.ReadableStream> {
  try {
    const handle = await open(file, 'r')
    if (!(await handle.stat()).isDirectory()) return () => handle.createReadStream()
    await handle.close()
    throw new Error('it is a folder')
  } catch (cause) {
    throw new ErpmaxError('usage', 'usage.file_unreadable', `${file} cannot be read`, { cause })
  }
}

/** readline loses what comes before somebody iterates: it begins when the first line is asked for. */
async function* eachLine(input: () => NodeJS.ReadableStream): AsyncGenerator<string, void, void> {
  yield* createInterface({ input: input(), crlfDelay: Infinity })
}
