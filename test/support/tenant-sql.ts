/** The tenant schema's SQL as Postgres's own parser reads it: what the catalogue does not keep. */
import { parse } from 'libpg-query'
import { loadBaseline } from '../../src/schemas/baseline.js'

export interface WrittenReference {
  table: string
  target: string
  targetSchema: string | null
  /** False where no action was written, or NO ACTION itself, which says as little. */
  hasDeleteAction: boolean
  /** Within CREATE TABLE, not added to it later. */
  inline: boolean
}

export interface WrittenSchema {
  references: WrittenReference[]
  /** As often as they are written. */
  indexNames: string[]
  /** `CreateStmt`, `IndexStmt`, ... with the number of each. */
  statementKinds: Map<string, number>
  /** Statements that would pass in silence over something that is there already. */
  lenient: string[]
}

interface ConstraintNode {
  contype?: string
  fk_del_action?: string
  pktable?: { relname: string; schemaname?: string }
}

interface Statement {
  CreateStmt?: {
    relation: { relname: string }
    if_not_exists?: boolean
    tableElts?: {
      ColumnDef?: { constraints?: { Constraint: ConstraintNode }[] }
      Constraint?: ConstraintNode
    }[]
  }
  IndexStmt?: { idxname?: string; if_not_exists?: boolean; relation: { relname: string } }
  AlterTableStmt?: {
    relation: { relname: string }
    cmds: { AlterTableCmd: { def?: { Constraint?: ConstraintNode } } }[]
  }
}

export async function readSchemaSql(): Promise<WrittenSchema> {
  const { tables } = await loadBaseline()
  const script = tables.flatMap(({ statements }) => statements).join(';\n')
  const { stmts } = (await parse(script)) as { stmts: { stmt: Statement }[] }
  const written: WrittenSchema = {
    references: [],
    indexNames: [],
    statementKinds: new Map(),
    lenient: [],
  }
  for (const { stmt } of stmts) add(written, stmt)
  return written
}

function add(written: WrittenSchema, statement: Statement): void {
  const { CreateStmt: create, IndexStmt: index, AlterTableStmt: alter } = statement
  const kind = Object.keys(statement)[0] ?? ''
  written.statementKinds.set(kind, (written.statementKinds.get(kind) ?? 0) + 1)
  if (create) {
    const constraints = (create.tableElts ?? []).flatMap(({ ColumnDef, Constraint }) => [
      ...(ColumnDef?.constraints ?? []).map((one) => one.Constraint),
      ...(Constraint ? [Constraint] : []),
    ])
    written.references.push(...referencesAmong(create.relation.relname, constraints, true))
    if (create.if_not_exists) written.lenient.push(create.relation.relname)
  }
  if (index) {
    written.indexNames.push(index.idxname ?? `an unnamed index of ${index.relation.relname}`)
    if (index.if_not_exists) written.lenient.push(index.idxname ?? index.relation.relname)
  }
  if (alter) {
    const constraints = alter.cmds.flatMap(({ AlterTableCmd: { def } }) =>
      def?.Constraint ? [def.Constraint] : [],
    )
    written.references.push(...referencesAmong(alter.relation.relname, constraints, false))
  }
}

function referencesAmong(table: string, constraints: ConstraintNode[], inline: boolean): WrittenReference[] {
  return constraints.flatMap(({ contype, fk_del_action: action, pktable }) =>
    contype === 'CONSTR_FOREIGN' && pktable
      ? [
          {
            table,
            target: pktable.relname,
            targetSchema: pktable.schemaname ?? null,
            hasDeleteAction: action !== undefined && action !== 'a',
            inline,
          },
        ]
      : [],
  )
}
