/** `api-key list`: keys of programs, by prefix. */
import { Args } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatApiKeys } from '../../terminal/key-report.js'
import { pageFlags } from '../../terminal/lists.js'
import { listApiKeys, type ApiKeyJson } from '../../people/api-keys/read-key.js'
import type { Page } from '../../database/keyset.js'

export default class ApiKeyList extends BaseCommand {
  static override summary = 'List API keys, newest first: prefix, scopes, until when, last used.'
  static override examples = ['<%= config.bin %> api-key list', '<%= config.bin %> api-key list acme --json']
  static override args = { tenant: Args.string({ description: 'subdomain or id; all where it is left out' }) }
  static override flags = { ...pageFlags }

  async run(): Promise<Page<ApiKeyJson>> {
    const { args, flags } = await this.parse(ApiKeyList)
    const tenant = args.tenant ?? null
    const page = { limit: flags.limit, cursor: flags.cursor ?? null }
    const list = await listApiKeys(await this.open('use'), tenant, page)
    return this.reportList(list, (shown, terminal) => formatApiKeys(shown, tenant, terminal))
  }
}
