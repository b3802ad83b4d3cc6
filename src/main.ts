/** The entry point behind bin/run.js: hands the command line to oclif, and what oclif itself refuses to the contract. */
import { flush, run } from '@oclif/core'
import { errorJson, errorText, failureOf } from './terminal/errors.js'
import { jsonText } from './terminal/json-text.js'
import { detectTerminal } from './terminal/terminal.js'

/** @param root folder of the package, as a file URL */
export async function main(args: string[], root: string): Promise<void> {
  try {
    await run(args, root)
  } catch (thrown) {
    if ((thrown as { code?: string }).code === 'EEXIT') {
      process.exitCode = (thrown as { oclif?: { exit?: number } }).oclif?.exit ?? 0
    } else {
      const machineReadable = args.includes('--json') || args.includes('--ndjson')
      const { error, exitCode } = failureOf(thrown, (error) => error)
      process.exitCode = exitCode
      if (machineReadable)
        process.stdout.write(jsonText(errorJson(error), args.includes('--ndjson') ? 'line' : 'document'))
      else {
        const { err, errWidth } = detectTerminal({ machineReadable, noInput: true })
        process.stderr.write(`${errorText(error, { paint: err.red, columns: errWidth })}\n`)
      }
    }
  }
  await flush()
}
