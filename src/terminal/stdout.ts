/** Stdout as a place for a document, no faster than its reader; what is said of it goes to stderr. */
import { once } from 'node:events'

export async function writeToStdout(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

export function tellBeside(text: string): void {
  process.stderr.write(`${text}\n`)
}
