/** Parses the tenant schema's SQL with Postgres's own parser and orders it by its references. */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { parse } from 'libpg-query'
import type { Baseline, BaselineTable } from '../src/schemas/baseline.js'

interface Statement {
  text: string
  node: Record<string, unknown>
  module: string
  area: string
}

interface Relation {
  relname: string
}

interface Constraint {
  contype?: string
  pktable?: Relation
}

interface CreateStmt {
  relation: Relation
  tableElts?: { ColumnDef?: { constraints?: { Constraint: Constraint }[] }; Constraint?: Constraint }[]
}

/** @param folder `migrations/tenant`; throws on a statement that the schema may not hold */
export async function compileBaseline(folder: string): Promise<Baseline> {
  const tables = new Map<string, { table: BaselineTable; references: Set<string> }>()
  const later: { table: string; text: string }[] = []
  for (const statement of await readStatements(path.join(folder, 'baseline'))) {
    const {
      CreateStmt: create,
      IndexStmt: index,
      CommentStmt: comment,
    } = statement.node as {
      CreateStmt?: CreateStmt
      IndexStmt?: { relation: Relation }
      CommentStmt?: { object: { List: { items: { String: { sval: string } }[] } }; objtype: string }
    }
    if (create) {
      const name = create.relation.relname
      if (tables.has(name)) throw new Error(`${name} is defined twice`)
      const { module, area } = statement
      tables.set(name, {
        table: { name, module, area, statements: [statement.text] },
        references: referencesOf(create),
      })
    } else if (index) {
      later.push({ table: index.relation.relname, text: statement.text })
    } else if (comment) {
      const items = comment.object.List.items
      later.push({
        table: items.at(comment.objtype === 'OBJECT_COLUMN' ? -2 : -1)?.String.sval ?? '',
        text: statement.text,
      })
    } else {
      throw new Error(
        `${statement.module}/${statement.area}.sql: ${Object.keys(statement.node)[0]} does not belong in the baseline`,
      )
    }
  }
  for (const { table, text } of later) {
    const owner = tables.get(table)
    if (!owner) throw new Error(`nothing defines ${table}: ${text.slice(0, 80)}`)
    owner.table.statements.push(text)
  }
  const seed = (await readStatements(folder, 'seed')).map((statement) => statement.text)
  return { tables: ordered(tables), seed }
}

async function readStatements(folder: string, only?: string): Promise<Statement[]> {
  const statements: Statement[] = []
  const modules = only ? [only] : (await readdir(folder)).sort()
  for (const module of modules) {
    for (const file of (await readdir(path.join(folder, module)))
      .filter((name) => name.endsWith('.sql'))
      .sort()) {
      const source = await readFile(path.join(folder, module, file))
      const { stmts } = (await parse(source.toString())) as {
        stmts: { stmt: Record<string, unknown>; stmt_location?: number; stmt_len?: number }[]
      }
      for (const { stmt, stmt_location: from = 0, stmt_len: length } of stmts) {
        const text = source.subarray(from, length === undefined ? undefined : from + length).toString()
        statements.push({
          text: withoutComments(text),
          node: stmt,
          module,
          area: path.basename(file, '.sql'),
        })
      }
    }
  }
  return statements
}

/** Leading comments belong to the file, not to the statement that happens to follow. */
function withoutComments(text: string): string {
  return text.replace(/^(\s*--[^\n]*\n|\s+)+/, '').trimEnd()
}

function referencesOf(create: CreateStmt): Set<string> {
  const constraints = (create.tableElts ?? []).flatMap((element) => [
    ...(element.ColumnDef?.constraints ?? []).map((inline) => inline.Constraint),
    ...(element.Constraint ? [element.Constraint] : []),
  ])
  const names = constraints.flatMap((one) =>
    one.contype === 'CONSTR_FOREIGN' && one.pktable ? [one.pktable.relname] : [],
  )
  return new Set(names.filter((name) => name !== create.relation.relname))
}

/** Every table after what it refers to; among those that may come next, one of the same module first. */
function ordered(tables: Map<string, { table: BaselineTable; references: Set<string> }>): BaselineTable[] {
  const waiting = new Map([...tables].sort(([a], [b]) => a.localeCompare(b)))
  const result: BaselineTable[] = []
  const done = new Set<string>()
  let module = 'system_admin'
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter(({ references }) =>
      [...references].every((name) => done.has(name)),
    )
    const next = ready.find(({ table }) => table.module === module) ?? ready[0]
    if (!next)
      throw new Error(`the references of ${[...waiting.keys()].join(', ')} form a cycle or lead nowhere`)
    module = next.table.module
    waiting.delete(next.table.name)
    done.add(next.table.name)
    result.push(next.table)
  }
  return result
}
