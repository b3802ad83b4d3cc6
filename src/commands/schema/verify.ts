/** `schema verify`: is each schema what it should be? */
import { Args, Flags } from '@oclif/core'
import { ErpmaxError } from '../../kernel/errors.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatVerdict, formatVerdicts } from '../../terminal/schema-report.js'
import { verifyFleet, verifyTenant, type TenantVerdict } from '../../workflows/verify-schemas.js'

export default class SchemaVerify extends BaseCommand {
  static override summary = "Compare a tenant's schema, or every one, with what a new schema looks like."
  static override description = 'Exits 0 when whole, 1 when the one tenant differs, 3 when some of all do.'
  static override examples = [
    '<%= config.bin %> schema verify acme',
    '<%= config.bin %> schema verify --all --json',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id' }) }
  static override flags = {
    all: Flags.boolean({ description: 'every tenant that should have a schema', default: false }),
    ndjson: Flags.boolean({ description: 'a verdict a line, the result last' }),
  }

  async run(): Promise<
    { verdict: TenantVerdict } | { items: TenantVerdict[]; next_cursor: null; ok: number; different: number }
  > {
    const { args, flags } = await this.parse(SchemaVerify)
    if ((args.tenant === undefined) !== flags.all) {
      throw new ErpmaxError('usage', 'usage', 'Name one tenant, or --all', {
        hint: 'erpmax schema verify --all',
      })
    }
    const ctx = await this.open('use')
    if (args.tenant !== undefined) {
      const verdict = await verifyTenant(ctx, args.tenant)
      if (!verdict.ok) this.endAs('failure')
      return this.report({ verdict }, formatVerdict)
    }
    const items = await this.collect(verifyFleet(ctx))
    const different = items.filter((verdict) => !verdict.ok).length
    if (different > 0) this.endAs('partial')
    return this.report({ items, next_cursor: null, ok: items.length - different, different }, formatVerdicts)
  }
}
