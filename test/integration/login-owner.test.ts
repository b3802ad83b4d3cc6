/** Logins on a server of the operator's own, where erpmax is an ordinary user: Postgres 18, and 15 where there is one. */
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import pg from 'pg'
import { openContext, type OpenedContext } from '../../src/context.js'
import { rows, sql } from '../../src/database/sql.js'
import { transaction } from '../../src/database/transaction.js'
import { resolveConfig } from '../../src/kernel/config.js'
import { packageRoot } from '../../src/kernel/package-root.js'
import { disableLogin, dropLogin, enableLogin } from '../../src/schemas/login-role.js'
import { tenantCredentials } from '../../src/workflows/tenant-credentials.js'
import { rejection } from '../support/errors.js'
import { embeddedBin, findPostgres15, startOwnServer, type OwnServer } from '../support/own-server.js'
import { throwAwayFolder } from '../support/server.js'
import { subscribedTenant, type SubscribedTenant } from '../support/tenants.js'

const shown = { rotate: false, dryRun: false }

/** The SQLSTATE that the statement is refused with, or `ok`; a refused login too. */
async function told(url: string, statement: string): Promise<string> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5000,
    query_timeout: 20_000,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(statement)
    return 'ok'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  } finally {
    await client.end().catch(() => {})
  }
}

for (const version of [15, 18]) {
  describe(`the login of a tenant on a Postgres ${version} of one's own`, () => {
    const folder = throwAwayFolder()
    const warnings: string[] = []
    let server: OwnServer | undefined
    let ctx: OpenedContext
    let acme: SubscribedTenant
    let globex: SubscribedTenant

    before(async function () {
      const bin = version === 15 ? findPostgres15() : await embeddedBin(folder)
      if (!bin) return this.skip()
      server = await startOwnServer(folder, bin, [])
      const values = { DATABASE_URL: server.url, ERPMAX_HOME: folder, ERPMAX_ENV: 'test' }
      ctx = await openContext(
        resolveConfig([{ origin: 'test', values }], () => ''),
        {
          access: 'create',
          migrate: true,
          signal: new AbortController().signal,
          warn: ({ code }) => warnings.push(code),
        },
      )
      acme = await subscribedTenant(ctx, 'acme', { schema: true })
      globex = await subscribedTenant(ctx, 'globex', { schema: true })
    })
    after(async () => {
      await ctx?.close()
      await server?.stop()
      await rm(folder, { recursive: true, force: true })
    })

    it('wants the right to create roles, and says how it is given', async () => {
      const error = await rejection(tenantCredentials(ctx, acme.id, shown))
      expect(error).to.include({ kind: 'dependency', code: 'login.no_createrole', retryable: false })
      expect((error as { hint: string }).hint).to.equal('As a superuser: alter role "shop" createrole')
      await server?.asSuperuser(['alter role shop createrole'])
    })

    it('reaches its own schema and its entitlements, and nothing else', async () => {
      const { credentials } = await tenantCredentials(ctx, acme.id, shown)
      expect(await told(credentials.url, 'insert into orders default values')).to.equal('ok')
      expect(await told(credentials.url, 'select * from public.my_entitlements')).to.equal('ok')
      for (const text of [
        'select * from public.tenants',
        'select * from tenant_globex.parties',
        'create table x (id int)',
      ])
        expect(await told(credentials.url, text), text).to.equal('42501')
      const again = await tenantCredentials(ctx, acme.id, { rotate: true, dryRun: false })
      expect(await told(credentials.url, 'select 1')).to.equal('28P01')
      expect(await told(again.credentials.url, 'select 1')).to.equal('ok')
    })

    it('takes no advisory lock and makes no large object after what SECURITY.md tells the superuser', async () => {
      const document = readFileSync(path.join(packageRoot(), 'SECURITY.md'), 'utf8')
      const [, statements = ''] = /```sql\n([^`]+)```/.exec(document) ?? []
      await server?.asSuperuser([statements.replaceAll('erpmax_user', 'shop')])
      const { credentials } = await tenantCredentials(ctx, acme.id, { rotate: true, dryRun: false })
      for (const text of [
        'select pg_advisory_lock(1)',
        'select pg_try_advisory_xact_lock_shared(1, 2)',
        'select lo_create(0)',
      ])
        expect(await told(credentials.url, text), text).to.equal('42501')
      await rows(
        ctx.db,
        sql`select public.take_ddl_slot(1), pg_advisory_xact_lock(1), pg_advisory_xact_lock_shared(2)`,
      )
    })

    it('is disabled with its sessions, enabled and dropped by its maker', async () => {
      const { credentials } = await tenantCredentials(ctx, acme.id, { rotate: true, dryRun: false })
      const slept = told(credentials.url, 'select pg_sleep(15)')
      for (;;) {
        const asleep = await rows(
          ctx.db,
          sql`select 1 from pg_catalog.pg_stat_activity where usename = 'tenant_acme' and state = 'active'`,
        )
        if (asleep.length > 0) break
      }
      await transaction(ctx, (inner) => disableLogin(inner, acme.id))
      expect(await slept).to.equal('57P01')
      expect(await told(credentials.url, 'select 1')).to.equal('28000')
      await transaction(ctx, (inner) => enableLogin(inner, acme.id))
      expect(await told(credentials.url, 'select * from orders')).to.equal('ok')
      await transaction(ctx, (inner) => dropLogin(inner, acme.id))
      expect(await told(credentials.url, 'select 1')).to.equal('28P01')
      expect(warnings).to.deep.equal([])
    })

    it('stays disabled where another database holds on to it', async () => {
      await tenantCredentials(ctx, globex.id, shown)
      await server?.asSuperuser([
        'grant create on tablespace pg_default to tenant_globex',
        'create database other',
      ])
      await server?.asSuperuser(['alter database other owner to tenant_globex'])
      await transaction(ctx, (inner) => dropLogin(inner, globex.id))
      expect(warnings.splice(0)).to.deep.equal(['login.not_dropped'])
      const [left] = await rows(
        ctx.db,
        sql`select rolcanlogin as login, has_schema_privilege(oid, ${globex.schema}, 'USAGE') as open
            from pg_catalog.pg_roles where rolname = 'tenant_globex'`,
      )
      expect(left).to.deep.equal({ login: false, open: false })
    })

    it('of another user is closed out by its schema, and the operator told', async () => {
      const { credentials } = await tenantCredentials(ctx, acme.id, shown)
      await server?.asSuperuser(
        version === 15
          ? ['alter role shop nocreaterole']
          : ['revoke tenant_acme from shop cascade', 'alter role shop nocreaterole'],
      )
      const error = await rejection(tenantCredentials(ctx, acme.id, { rotate: true, dryRun: false }))
      expect(error).to.include({ kind: 'dependency', code: 'login.not_ours' })
      await transaction(ctx, (inner) => disableLogin(inner, acme.id))
      expect(warnings.splice(0)).to.deep.equal(['login.not_altered'])
      expect(await told(credentials.url, 'select * from tenant_acme.orders')).to.equal('42501')
    })
  })
}
