/** Copies tables into a backup, one after the other, inside the snapshot of the caller's transaction. */
import { copyOut } from '../../database/copy.js'
import { quoteIdentifier } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import type { Progress } from './progress.js'
import type { Context } from '../../kernel/context.js'
import type { StepProgress } from '../../kernel/workflow.js'
import type { Section } from './manifest.js'
import type { BackupWriter } from './writer.js'

/** Yields each table as it is done, and from time to time while one is being copied. */
export async function* dumpTables(
  ctx: Pick<Context, 'db' | 'signal'>,
  writer: BackupWriter,
  sections: readonly (Section & { empty: boolean })[],
  progress: Progress,
): AsyncGenerator<StepProgress, void, void> {
  for (const { empty, ...section } of sections) {
    await writer.beginSection(section)
    // Most of a tenant's tables are: asking each of them costs more than a small tenant's data.
    const told = empty ? 0 : yield* copyTable(ctx, writer, section, progress)
    const { rows } = await writer.endSection()
    if (rows !== told) throw miscounted(section, told, rows)
    yield progress.done(section)
  }
}

/** @returns the rows the database says it sent */
async function* copyTable(
  ctx: Pick<Context, 'db' | 'signal'>,
  writer: BackupWriter,
  section: Section,
  progress: Progress,
): AsyncGenerator<StepProgress, number, void> {
  const chunks = copyOut(ctx.db, copyStatement(section, 'to stdout'), ctx)
  try {
    for (;;) {
      const next = await chunks.next()
      if (next.done) return next.value
      await writer.take(next.value)
      progress.add(next.value.length)
      if (progress.isDue()) yield progress.within(section)
    }
  } finally {
    await chunks.return(0)
  }
}

/** In text, the one form of COPY that is the same on every version and that people can read. */
export function copyStatement({ schema, name, columns }: Section, direction: string): string {
  const table = `${quoteIdentifier(schema ?? '')}.${quoteIdentifier(name)}`
  return `copy ${table} (${columns.map(quoteIdentifier).join(', ')}) ${direction}`
}

function miscounted({ name }: Section, told: number, seen: number): ErpmaxError {
  return new ErpmaxError(
    'failure',
    'backup.miscounted',
    `The database says that it sent ${told} rows of ${name}, and ${seen} arrived`,
  )
}
