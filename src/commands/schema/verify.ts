/** `schema verify`: is each schema what it should be? */
import { Flags } from '@oclif/core'
import { formatVerdict, formatVerdicts } from '../../terminal/schema-report.js'
import { selectorFlags, tenantArgument, TenantsCommand } from '../../terminal/tenants-command.js'
import { selectTenants } from '../../views/tenant-selection.js'
import {
  verifiable,
  verifyTenant,
  verifyTenants,
  type TenantVerdict,
} from '../../workflows/verify-schemas.js'

interface Verdicts {
  items: TenantVerdict[]
  next_cursor: null
  ok: number
  different: number
}

export default class SchemaVerify extends TenantsCommand {
  static override summary = "Compare a tenant's schema, or those of many, with what a new schema looks like."
  static override description =
    'Exits 0 when whole, 1 when the one tenant differs, 3 when some of many do. Tenants whose state says that their schema is not whole are left out, unless they are named or their state is.'
  static override examples = [
    '<%= config.bin %> schema verify acme',
    '<%= config.bin %> schema verify --all --json',
    '<%= config.bin %> schema verify --tier ENTERPRISE --module finance',
  ]
  static override args = { tenant: tenantArgument }
  static override flags = {
    ...selectorFlags,
    ndjson: Flags.boolean({ description: 'a verdict a line, the result last' }),
  }

  async run(): Promise<{ verdict: TenantVerdict } | Verdicts> {
    const { args, flags } = await this.parse(SchemaVerify)
    const selector = await this.selectorFrom(args.tenant, flags)
    const ctx = await this.open('use')
    if (selector === null) {
      const verdict = await verifyTenant(ctx, args.tenant ?? '')
      if (!verdict.ok) this.endAs('failure')
      return this.report({ verdict }, formatVerdict)
    }
    const tenants = await selectTenants(ctx, { ...selector, status: verifiable(selector) })
    const items = await this.collect(verifyTenants(ctx, tenants))
    const different = items.filter((verdict) => !verdict.ok).length
    if (different > 0) this.endAs('partial')
    return this.report({ items, next_cursor: null, ok: items.length - different, different }, formatVerdicts)
  }
}
