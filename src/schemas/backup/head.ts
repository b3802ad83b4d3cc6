/** The head of a backup: whose it is and of when, without reading the rest. */
import { ErpmaxError } from '../../kernel/errors.js'
import { shellWord } from '../../kernel/shell-word.js'
import { openBackup } from './file.js'
import { BlockReader } from './reader.js'
import { Walk, type Problem } from './walk.js'
import type { Head } from './manifest.js'

/** Of the first volume. @throws what `damaged` makes, and what `openBackup` refuses */
export async function headOf(file: string): Promise<Head> {
  const handle = await openBackup(file)
  try {
    for await (const event of new Walk(new BlockReader(handle)).events()) {
      if (event.event === 'volume') return event.head
      if (event.event === 'problem') throw damaged(file, [event.problem])
    }
    throw damaged(file, [])
  } finally {
    await handle.close()
  }
}

/** For whoever was going to write what is in it. */
export function damaged(file: string, problems: readonly Problem[]): ErpmaxError {
  const [first] = problems
  const details = { problems }
  const verify = `erpmax backup verify ${shellWord(file)}`
  if (first?.problem === 'mark') {
    const message = `${file} does not begin as a backup does: nothing was restored`
    return new ErpmaxError('failure', 'backup.foreign', message, { hint: verify, details })
  }
  if (first?.problem === 'version' || first?.problem === 'form') {
    const message = `${file} is of a form this program does not know: nothing was restored`
    const hint = 'Use the version of erpmax that wrote it, or a newer one'
    return new ErpmaxError('conflict', 'backup.form_unknown', message, { hint, details })
  }
  const place = first ? ` at byte ${first.offset}${first.section ? ` in ${first.section}` : ''}` : ''
  const message = `${file} is damaged${place}: nothing was restored`
  return new ErpmaxError('failure', 'backup.damaged', message, { hint: verify, details })
}
