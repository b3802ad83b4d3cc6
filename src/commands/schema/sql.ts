/** `schema sql`: the schema as a script for psql. */
import { writeFile } from 'node:fs/promises'
import { Flags } from '@oclif/core'
import { schemaScript } from '../../schemas/script.js'
import { BaseCommand } from '../../terminal/base-command.js'

export default class SchemaSql extends BaseCommand {
  static override summary = 'Print the tenant schema as a script for psql.'
  static override examples = [
    '<%= config.bin %> schema sql | psql "$(<%= config.bin %> db url)"',
    '<%= config.bin %> schema sql --schema tenant_try --seed --output try.sql',
  ]
  static override flags = {
    schema: Flags.string({ description: 'name of the schema, tenant_ and more', default: 'tenant_example' }),
    seed: Flags.boolean({ description: 'with the seed data' }),
    output: Flags.string({ char: 'o', description: 'a file; - is stdout', default: '-' }),
  }

  async run(): Promise<{ sql: string } | { output: string; bytes: number }> {
    const { flags } = await this.parse(SchemaSql)
    const sql = await schemaScript(flags.schema, flags.seed)
    if (flags.output === '-') return this.report({ sql }, () => sql)
    await writeFile(flags.output, `${sql}\n`)
    return this.report(
      { output: flags.output, bytes: Buffer.byteLength(sql) + 1 },
      ({ output, bytes }) => `${output}: ${bytes} bytes`,
    )
  }
}
