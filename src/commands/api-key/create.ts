/** `api-key create`: a key for a program of a tenant. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { dayFlag } from '../../terminal/day-flag.js'
import { formatCreatedKey } from '../../terminal/key-report.js'
import { createApiKey, type CreatedApiKey } from '../../people/api-keys/create-key.js'

export default class ApiKeyCreate extends BaseCommand {
  static override summary = 'Make a key for a program that acts for a tenant, within scopes and to a day.'
  static override description =
    'The key is shown once; only its hash is kept, and the prefix tells it from others. Scopes are permissions, module:action. The name is free again once the key is revoked.'
  static override examples = [
    '<%= config.bin %> api-key create acme --name "stock sync" --scope oms_wms:read --scope oms_wms:write',
    '<%= config.bin %> api-key create acme --name reports --scope bi:read --expires 2030-12-31 --json',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }
  static override flags = {
    name: Flags.string({ description: 'what it is for', required: true }),
    scope: Flags.string({
      description: 'module:action; several by comma or given again',
      multiple: true,
      delimiter: ',',
      required: true,
    }),
    expires: dayFlag('last day it works, where the tenant is; a year where it is left out'),
  }

  async run(): Promise<CreatedApiKey> {
    const { args, flags } = await this.parse(ApiKeyCreate)
    this.auditFailuresAs({ action: 'api_key.create', kind: 'tenant', subject: args.tenant })
    const wanted = { name: flags.name, scopes: flags.scope, lastDay: flags.expires ?? null }
    return this.report(await createApiKey(await this.open('use'), args.tenant, wanted), formatCreatedKey)
  }
}
