/** What the exports of documents share: form and place, binary kept off terminals, an outcome a document. */
import { Flags } from '@oclif/core'
import { ErpmaxError } from '../kernel/errors.js'
import { BaseCommand } from './base-command.js'
import { labelled } from './errors.js'
import { formatBytes, formatHint } from './format.js'
import { counted } from './money-text.js'
import { plainly } from './plain-text.js'
import { symbolsOf } from './symbols.js'
import type { ExportedDocument, ExportInput } from '../workflows/export-documents.js'
import type { Terminal } from './terminal.js'

const formats = ['pdf', 'html', 'json', 'csv', 'inv-01'] as const

export const exportFlags = {
  format: Flags.option({
    description: 'form; inv-01 is the draft of an e-invoice for the Indian portal',
    options: formats,
    default: 'pdf' as const,
  })(),
  output: Flags.string({
    char: 'o',
    description: 'a file; a folder, where it ends in / or is one; - is stdout',
  }),
  force: Flags.boolean({ description: 'replace files that are there' }),
}

export interface ExportResult {
  items: ExportedDocument[]
  next_cursor: null
  succeeded: number
  failed: number
}

interface ParsedExportFlags {
  format: (typeof formats)[number]
  output?: string | undefined
  force?: boolean | undefined
}

export abstract class ExportCommand extends BaseCommand {
  /** @throws usage where stdout is not the place for it */
  protected exportTo({ format, output, force }: ParsedExportFlags): Omit<ExportInput, 'kind' | 'documents'> {
    const file = output === undefined || output === '-' ? null : output
    if (file === null && this.jsonEnabled()) {
      throw new ErpmaxError(
        'usage',
        'export.output_missing',
        'With --json the result goes to stdout, and the documents need a place of their own',
        { hint: `--output documents/` },
      )
    }
    if (file === null && format === 'pdf' && process.stdout.isTTY) {
      throw new ErpmaxError('usage', 'export.binary', 'A PDF is not written to a terminal', {
        hint: '--output documents/',
      })
    }
    return {
      ...{ format, output: file, force: force ?? false },
      write: (bytes) => process.stdout.write(bytes),
    }
  }

  /** @throws usage where neither numbers nor flags say which documents are meant, or both do */
  protected requireChoice(named: readonly string[], filtered: boolean, noun: string): void {
    if (named.length > 0 !== filtered) return
    throw new ErpmaxError(
      'usage',
      'usage.documents',
      filtered ? 'Name the documents, or choose them with flags: not both' : `Which ${noun}s?`,
      {
        hint: `erpmax ${this.id?.replaceAll(':', ' ')} <number>, or --tenant, --issued-from, --issued-to, --currency, --number`,
      },
    )
  }

  /** A line for each document that has its file; stdout itself stays the documents' own. Exit code 3 where some failed. */
  protected async reportExport(
    outcomes: AsyncIterable<ExportedDocument>,
    { output, noun }: { output: string | null; noun: string },
  ): Promise<ExportResult> {
    const items: ExportedDocument[] = []
    for await (const outcome of outcomes) {
      items.push(outcome)
      if (output !== null || !outcome.ok) this.log(formatOutcome(plainly(outcome), this.terminal))
    }
    const failed = items.filter(({ ok }) => !ok).length
    if (failed > 0) this.endAs('partial')
    const result = { items, next_cursor: null, succeeded: items.length - failed, failed }
    if (items.length === 0) this.tell(`No ${noun} matches.`)
    else if (output !== null && items.length > 1) this.log(tallyOf(result, noun))
    const hints = new Set(items.flatMap(({ error }) => error?.hint ?? []))
    for (const hint of hints) this.log(formatHint(hint, this.terminal.width))
    return result
  }

  /** For people, beside the documents. */
  private tell(text: string): void {
    if (!this.jsonEnabled()) process.stderr.write(`${text}\n`)
  }
}

function formatOutcome({ number, ok, file, bytes, error }: ExportedDocument, terminal: Terminal): string {
  const { tick, cross } = symbolsOf(terminal)
  if (ok) return `${terminal.out.green(tick)} ${number}: ${file}, ${formatBytes(bytes)}`
  return labelled(terminal.out.red, cross, `${number}: ${error?.message ?? ''}`, terminal.width)
}

function tallyOf({ succeeded, failed }: ExportResult, noun: string): string {
  return `${counted(succeeded, noun)} written${failed > 0 ? `, ${failed} not` : ''}`
}
