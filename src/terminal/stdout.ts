/** Stdout as a place for a document: no faster than its reader. */
import { once } from 'node:events'

export async function writeToStdout(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}
