/** Under which services accounting code (India) a module is billed, from a day on. */
import { execute, rows, sql, type Sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { supersede, type Supersession, type Version } from './supersede.js'
import type { Context } from '../../kernel/context.js'
import type { PlainDate } from '../../kernel/dates.js'

/**
 * The caller holds a lock on the table.
 * @returns the modules whose code is another one now
 * @throws usage `module.unknown`
 */
export async function setModuleCodes(
  ctx: Pick<Context, 'db'>,
  modules: readonly string[],
  code: string,
  from: PlainDate,
): Promise<string[]> {
  await requireKnown(ctx, modules)
  const changed: string[] = []
  for (const module of new Set(modules)) {
    const versions = await rows<Version<string>>(
      ctx.db,
      sql`select id, lower(validity) as from, upper(validity) as to, code as value
          from public.module_tax_codes where module_code = ${module}`,
    )
    const step = supersede(versions, from, (value) => value === code)
    if (step.kind === 'none') continue
    changed.push(module)
    for (const statement of statements(step, module, code, from)) await execute(ctx.db, statement)
  }
  return changed
}

async function requireKnown(ctx: Pick<Context, 'db'>, modules: readonly string[]): Promise<void> {
  const known = await rows<{ code: string }>(ctx.db, sql`select code from public.modules`)
  const unknown = modules.find((module) => !known.some(({ code }) => code === module))
  if (unknown === undefined) return
  throw new ErpmaxError('usage', 'module.unknown', `There is no module "${unknown.slice(0, 40)}"`, {
    hint: 'erpmax module list',
    details: { module: unknown.slice(0, 40) },
  })
}

function statements(
  step: Exclude<Supersession<string>, { kind: 'none' }>,
  module: string,
  code: string,
  from: PlainDate,
): Sql[] {
  if (step.kind === 'correct')
    return [sql`update public.module_tax_codes set code = ${code} where id = ${step.old.id}`]
  const insert = sql`insert into public.module_tax_codes (module_code, code, validity)
    values (${module}, ${code}, daterange(${from}::date, ${step.to}::date))`
  if (!step.close) return [insert]
  return [
    sql`update public.module_tax_codes set validity = daterange(lower(validity), ${from}::date) where id = ${step.close.id}`,
    insert,
  ]
}
