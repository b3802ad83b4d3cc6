/** `schema tables`: the 237 tables. */
import { Flags } from '@oclif/core'
import { listTables, type TableEntry } from '../../schemas/script.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatTables } from '../../terminal/schema-report.js'

export default class SchemaTables extends BaseCommand {
  static override summary = 'List the tables every tenant has, with their modules and areas.'
  static override description = 'Reads the list that ships with the program; no database is needed.'
  static override examples = [
    '<%= config.bin %> schema tables',
    '<%= config.bin %> schema tables --module finance --json',
  ]
  static override flags = { module: Flags.string({ char: 'm', description: 'only this module' }) }

  async run(): Promise<{ items: TableEntry[]; next_cursor: null }> {
    const { flags } = await this.parse(SchemaTables)
    return this.report({ items: await listTables(flags.module ?? null), next_cursor: null }, formatTables)
  }
}
