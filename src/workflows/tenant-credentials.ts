/** Credentials for a tenant's ERP: a database role that reaches its own schema and its own entitlements, nothing else. */
import { addressOf, urlFor } from '../database/address.js'
import { scramVerifier } from '../database/scram.js'
import { oneRow, sql } from '../database/sql.js'
import { choosePlace } from '../database/target.js'
import { changeOrRehearse } from '../database/rehearse.js'
import { Secret } from '../kernel/secret.js'
import { audit } from '../operations/audit.js'
import { issueLogin } from '../schemas/issue-login.js'
import { assertTenantMay } from '../subscriptions/gate.js'
import { findTenant } from '../tenants/find.js'
import type { Context } from '../kernel/context.js'

const passwordBytes = 24
const saltBytes = 16

export interface CredentialsJson {
  dry_run: boolean
  tenant: { id: string; subdomain: string; status: string }
  created: boolean
  rotated: boolean
  credentials: {
    host: string
    port: number
    database: string
    user: string
    /** Shown once, when it was made; null ever after. */
    password: string | null
    /** Without the password where that is null. */
    url: string
    search_path: string
  }
}

export interface CredentialsOptions {
  /** A new password for a role that is there. */
  rotate: boolean
  dryRun: boolean
}

/** Makes the role where there is none; one that is there stays as it is, unless its password is to be rotated. */
export async function tenantCredentials(
  ctx: Context,
  subdomainOrId: string,
  { rotate, dryRun }: CredentialsOptions,
): Promise<CredentialsJson> {
  const { id, subdomain, status, schema } = await findTenant(ctx, subdomainOrId)
  const password = new Secret(ctx.random.bytes(passwordBytes).toString('base64url'))
  const verifier = await scramVerifier(password, ctx.random.bytes(saltBytes))
  const ownServer = choosePlace(ctx.config).kind === 'embedded'
  const issued = await changeOrRehearse(ctx, dryRun, async (inner) => {
    await assertTenantMay(inner, { id }, 'work')
    const login = await issueLogin(inner, { tenantId: id, subdomain, schema, verifier, rotate, ownServer })
    const { database } = await oneRow<{ database: string }>(
      inner.db,
      sql`select current_database() as database`,
    )
    if (login.created || login.rotated) {
      await audit(inner, {
        action: 'tenant.credentials',
        subjectKind: 'tenant',
        subject: subdomain,
        tenantId: id,
        outcome: 'succeeded',
        after: { role: login.role, created: login.created, rotated: login.rotated },
      })
    }
    return { ...login, database }
  })
  const { role, created, rotated, database } = issued
  const address = addressOf(ctx.config)
  const secret = (created || rotated) && !dryRun ? password.reveal() : null
  return {
    dry_run: dryRun,
    tenant: { id, subdomain, status },
    created,
    rotated,
    credentials: {
      host: address.host,
      port: address.port,
      database,
      user: role,
      password: secret,
      url: urlFor(address, database, role, secret),
      search_path: schema,
    },
  }
}
