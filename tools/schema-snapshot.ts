/** Writes migrations/tenant/schema.json from the catalogue of a schema built in a throw-away server. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Sql, oneRow } from '../src/database/sql.js'
import { schemaName, type SchemaName } from '../src/kernel/ids.js'
import { packageRoot } from '../src/kernel/package-root.js'
import { loadBaseline, type SchemaSnapshot } from '../src/schemas/baseline.js'
import { fingerprintQuery, type Fingerprint } from '../src/schemas/fingerprint.js'
import { describeSchema } from '../src/schemas/verify.js'
import { createByHand } from '../test/support/schemas.js'
import { withThrowAwayServer } from '../test/support/server.js'
import type { Context } from '../src/kernel/context.js'

/** Raised when a released baseline changes by a file in changes/. */
const version = '0001'

/** Builds `schema` plainly, table by table, and gives the text that schema.json must have. */
export async function takeSnapshot({ db }: Pick<Context, 'db'>, schema: SchemaName): Promise<string> {
  const { tables } = await loadBaseline()
  await createByHand(db, schema, tables)
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
}

if (process.argv[1] === import.meta.filename) {
  const file = path.join(packageRoot(), 'migrations', 'tenant', 'schema.json')
  await writeFile(file, await withThrowAwayServer((ctx) => takeSnapshot(ctx, schemaName('tenant_snapshot'))))
}
