/** Writes migrations/tenant/schema.json from the catalogue of a schema built in a throw-away server. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { quoteIdentifier, Sql, oneRow } from '../src/database/sql.js'
import { schemaName } from '../src/kernel/ids.js'
import { packageRoot } from '../src/kernel/package-root.js'
import { loadBaseline, type SchemaSnapshot } from '../src/schemas/baseline.js'
import { fingerprintQuery, type Fingerprint } from '../src/schemas/fingerprint.js'
import { describeSchema } from '../src/schemas/verify.js'
import { withThrowAwayServer } from '../test/support/server.js'

/** Raised when a released baseline changes by a file in changes/. */
const version = '0001'

export async function takeSnapshot(): Promise<string> {
  return withThrowAwayServer(async (ctx) => {
    const { tables } = await loadBaseline()
    const schema = schemaName('tenant_snapshot')
    return ctx.db.transaction(async (db) => {
      await db.raw(`create schema ${quoteIdentifier(schema)}`)
      await db.raw(`set local search_path = ${quoteIdentifier(schema)}`)
      for (const table of tables)
        for (const statement of table.statements) await db.raw(statement.replaceAll('?', '\\?'))
      const { fingerprint, ...counts } = await oneRow<Fingerprint>(
        db,
        new Sql(fingerprintQuery.replace('$1', '?'), [schema]),
      )
      const described = await describeSchema({ db }, schema)
      const snapshot: SchemaSnapshot = {
        version,
        fingerprint,
        counts,
        tables: Object.fromEntries(
          tables
            .toSorted((a, b) => a.name.localeCompare(b.name))
            .map(({ name, module, area }) => [
              name,
              { module, area, ...(described.get(name) ?? { columns: {}, indexes: {}, constraints: {} }) },
            ]),
        ),
      }
      return `${JSON.stringify(snapshot, null, 1)}\n`
    })
  })
}

if (process.argv[1] === import.meta.filename) {
  await writeFile(path.join(packageRoot(), 'migrations', 'tenant', 'schema.json'), await takeSnapshot())
}
