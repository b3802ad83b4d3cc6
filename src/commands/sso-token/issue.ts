/** `sso-token issue`: lets a user in to a site, once. */
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { readSecretFromStdin } from '../../terminal/secrets.js'
import { formatIssuedToken } from '../../terminal/sso-report.js'
import { issueToken, type IssuedToken } from '../../people/sso/issue.js'

export default class SsoTokenIssue extends BaseCommand {
  static override summary = 'Issue a token that lets a user of a tenant in to one of its sites, once.'
  static override description =
    'It is valid for 60 seconds, for this user, site and path alone, and shown once. Whoever uses this command signs in as somebody else: the reason is kept, and the site is told of both.'
  static override examples = [
    '<%= config.bin %> sso-token issue --tenant acme --user ann@acme.test --site https://erp.acme.test --redirect /app --reason "ticket 4711"',
    'echo "$ACCESS_TOKEN" | <%= config.bin %> sso-token issue --tenant acme --user ann@acme.test --site https://erp.acme.test --token-stdin --json',
  ]
  static override flags = {
    tenant: Flags.string({ description: 'subdomain or id', required: true }),
    user: Flags.string({ description: 'e-mail address or id', required: true }),
    site: Flags.string({ description: 'address or id of the site', required: true }),
    redirect: Flags.string({ description: 'path on the site that is opened', default: '/' }),
    reason: Flags.string({ description: 'why you sign in as this user' }),
    'token-stdin': Flags.boolean({
      description: 'read an access token of the user from stdin, who asks for it themselves',
      exclusive: ['reason'],
    }),
  }

  async run(): Promise<IssuedToken> {
    const { flags } = await this.parse(SsoTokenIssue)
    const { tenant, user, site, redirect, reason = null } = flags
    this.auditFailuresAs({ action: 'sso_token.issue', kind: 'user', subject: user })
    const asked = flags['token-stdin'] ? { accessToken: await readSecretFromStdin('token') } : { reason }
    const ctx = await this.open('use')
    const issued = await issueToken(ctx, { tenant, user, site, redirect, asked })
    return this.report(issued, formatIssuedToken)
  }
}
