/** `statement`: what a tenant owes, and how it came to that. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../terminal/base-command.js'
import { dayFlag } from '../terminal/day-flag.js'
import { jsonText } from '../terminal/json-text.js'
import { formatStatement } from '../terminal/statement-report.js'
import { readStatement, statementCsv, type Statement as Content } from '../views/statement.js'

export default class Statement extends BaseCommand {
  static override summary =
    "Show a tenant's account: documents, payments, credit balance, and what is open by age."
  static override description =
    "The balance is what is owed less what stands to the tenant's credit. What is open, and how long overdue, is of the end of the last day. Each currency is an account of its own."
  static override examples = [
    '<%= config.bin %> statement acme',
    '<%= config.bin %> statement acme --from 2026-04-01 --to 2027-03-31',
    '<%= config.bin %> statement acme --format csv > acme.csv',
    '<%= config.bin %> statement acme --json',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }
  static override flags = {
    from: dayFlag('the first day; from the first document where it is left out'),
    to: dayFlag('the last day; today where it is left out'),
    format: Flags.string({
      description: 'form of the text',
      options: ['text', 'csv', 'json'],
      default: 'text',
    }),
  }

  async run(): Promise<{ statement: Content }> {
    const { args, flags } = await this.parse(Statement)
    const ctx = await this.open('use')
    const days = { from: flags.from ?? null, to: flags.to ?? null }
    return this.report(await readStatement(ctx, args.tenant, days), (result, terminal) => {
      if (flags.format === 'csv') return statementCsv(result.statement).trimEnd()
      if (flags.format === 'json') return jsonText(result.statement, 'document').trimEnd()
      return formatStatement(result, terminal)
    })
  }
}
