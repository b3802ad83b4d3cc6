/** Signing in as a tenant's ERP: its own schema and its own entitlements, and of everything else nothing. */
import { expect } from 'chai'
import pg from 'pg'
import { execute, identifier, rows, sql, verbatim } from '../../src/database/sql.js'
import { transaction } from '../../src/database/transaction.js'
import { dropLogin, disableLogin, enableLogin, grantSchema } from '../../src/schemas/login-role.js'
import { tenantCredentials, type CredentialsJson } from '../../src/workflows/tenant-credentials.js'
import { rejection } from '../support/errors.js'
import { sharedContext } from '../support/server.js'
import { makeSchema, subscribedTenant, type SubscribedTenant } from '../support/tenants.js'
import type { OpenedContext } from '../../src/context.js'

const shown = { rotate: false, dryRun: false }

let ctx: OpenedContext
const open: pg.Client[] = []

async function signIn(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5000,
    query_timeout: 20_000,
  })
  client.on('error', () => {})
  await client.connect()
  open.push(client)
  return client
}

/** The SQLSTATE that a statement is refused with, or `ok`. */
async function told(client: pg.Client, text: string): Promise<string> {
  return client.query(text).then(
    () => 'ok',
    (error: { code?: string }) => error.code ?? String(error),
  )
}

async function refusedLogin(url: string): Promise<string | undefined> {
  return ((await rejection(signIn(url))) as { code?: string }).code
}

/** When the server has ended the session; with what SQLSTATE. */
function ending(client: pg.Client): Promise<string | undefined> {
  return new Promise((resolve) => client.on('error', (error) => resolve((error as { code?: string }).code)))
}

async function login(
  tenant: SubscribedTenant,
): Promise<{ role_name: string; disabled: boolean } | undefined> {
  const [found] = await rows<{ role_name: string; disabled: boolean }>(
    ctx.db,
    sql`select role_name, disabled_at is not null as disabled from public.tenant_logins where tenant_id = ${tenant.id}`,
  )
  return found
}

describe('the login of a tenant', () => {
  let a: SubscribedTenant
  let b: SubscribedTenant
  let issued: CredentialsJson
  let erp: pg.Client

  before(async () => {
    ctx = await sharedContext()
    a = await subscribedTenant(ctx, 'login-a', { schema: true, modules: ['finance', 'crm'] })
    b = await subscribedTenant(ctx, 'login-b', { schema: true, modules: ['hr'] })
    await tenantCredentials(ctx, 'login-b', shown)
    issued = await tenantCredentials(ctx, 'login-a', shown)
    erp = await signIn(issued.credentials.url)
  })
  after(async () => {
    await Promise.all(open.map((client) => client.end().catch(() => {})))
    // No role outlives the tenants of this file: another may reuse their names.
    for (const tenant of [a, b]) await transaction(ctx, (inner) => dropLogin(inner, tenant.id))
  })

  it('is made once; the password is shown once', async () => {
    expect(issued).to.deep.include({ created: true, rotated: false, dry_run: false })
    expect(issued.credentials).to.include({
      user: 'tenant_login_a',
      search_path: 'tenant_login_a',
      database: 'erpmax',
    })
    expect(issued.credentials.password).to.match(/^[\w-]{32}$/)
    const again = await tenantCredentials(ctx, a.id, shown)
    expect(again).to.deep.include({ created: false, rotated: false })
    expect(again.credentials.password).to.equal(null)
    expect(again.credentials.url).not.to.include(issued.credentials.password)
  })

  it('reads and writes its own tables, without naming the schema', async () => {
    const inserted = `insert into parties (name) values ('by the ERP') returning id`
    expect((await erp.query(inserted)).rowCount).to.equal(1)
    expect(
      (await erp.query(`update parties set name = 'changed' where name = 'by the ERP'`)).rowCount,
    ).to.equal(1)
    expect((await erp.query(`delete from parties where name = 'changed'`)).rowCount).to.equal(1)
    expect((await erp.query('select name from parties')).rows).to.deep.equal([{ name: 'of tenant_login_a' }])
    expect(await told(erp, `select nextval('numbers')`)).to.equal('ok')
  })

  it('reads its own entitlements and nobody else reads them', async () => {
    const { rows: found } = await erp.query<{ subdomain: string; module: string }>(
      'select subdomain, module from public.my_entitlements where entitled order by module',
    )
    expect(found).to.deep.equal(
      ['crm', 'finance', 'system_admin'].map((module) => ({ subdomain: 'login-a', module })),
    )
    expect(await rows(ctx.db, sql`select * from public.my_entitlements`)).to.deep.equal([])
  })

  it('changes nothing about its schema', async () => {
    const refused = [
      ...['create table more (id int)', 'create view more as select 1', 'create type more as enum ()'],
      ...['create function f() returns int return 1', 'create index on orders (party_id)'],
      ...[
        'drop table orders',
        'alter table orders add more int',
        'truncate orders',
        'drop schema tenant_login_a cascade',
      ],
      'create trigger t before insert on orders execute function suppress_redundant_updates_trigger()',
      'create table more (id uuid references parties (id))',
    ]
    for (const statement of refused) expect(await told(erp, statement), statement).to.equal('42501')
  })

  it('reaches no relation of the control plane or of another tenant', async () => {
    const all = await rows<{ name: string; kind: string }>(
      ctx.db,
      sql`select format('%I.%I', n.nspname, c.relname) as name, c.relkind as kind
          from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
          where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
            and n.nspname <> ${a.schema} and c.oid <> 'public.my_entitlements'::regclass`,
    )
    expect(all.map(({ name }) => name)).to.include.members([
      'public.tenants',
      'public.tenant_entitlements',
      `${b.schema}.parties`,
    ])
    const reached: string[] = []
    for (const { name, kind } of all) {
      const attempts = [`select * from ${name} limit 1`]
      if (kind === 'r')
        attempts.push(`insert into ${name} default values`, `delete from ${name}`, `truncate ${name}`)
      for (const attempt of attempts) if ((await told(erp, attempt)) !== '42501') reached.push(attempt)
    }
    expect(reached).to.deep.equal([])
  })

  it('calls no function of the control plane', async () => {
    const { rows: callable } = await erp.query<{ name: string }>(
      `select p.oid::regprocedure::text as name from pg_catalog.pg_proc p
       where p.pronamespace = 'public'::regnamespace and has_function_privilege(p.oid, 'execute')
         and not exists (select 1 from pg_catalog.pg_depend d where d.objid = p.oid and d.deptype = 'e')`,
    )
    expect(callable).to.deep.equal([{ name: 'public.my_entitlements()' }])
    expect(await told(erp, 'select public.take_ddl_slot(1)')).to.equal('42501')
    expect(await told(erp, `select public.entitlements_of('${b.id}', current_date)`)).to.equal('42501')
  })

  it('becomes nobody else and creates nothing outside', async () => {
    const refused = [
      'set role erpmax',
      'set session authorization erpmax',
      `set role ${b.schema}`,
      `alter role ${b.schema} password 'x'`,
      'create role mine',
      'alter role current_user createrole',
      'alter role current_user connection limit -1',
      'create schema mine',
      'create table public.mine (id int)',
      'create database mine',
      'create extension dblink',
      `alter default privileges for role erpmax grant select on tables to current_user`,
      `grant select on ${b.schema}.parties to current_user`,
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'erpmax'`,
      `select pg_read_file('PG_VERSION')`,
      `copy parties to program 'cat'`,
      `copy parties to '/tmp/stolen'`,
      'select * from pg_catalog.pg_authid',
    ]
    for (const statement of refused)
      expect(await told(erp, statement), statement).to.be.oneOf(['42501', '0A000'])
  })

  it('holds no lock that others wait for, and leaves no large object', async () => {
    const refused = [
      ...['select pg_advisory_lock(6572706)', 'select pg_try_advisory_xact_lock(1701997933, 1)'],
      ...[`select pg_advisory_xact_lock(hashtextextended('${b.schema}', 0))`, 'select lo_create(0)'],
      `select lo_from_bytea(0, 'x')`,
    ]
    for (const statement of refused) expect(await told(erp, statement), statement).to.equal('42501')
    expect(await refusedLogin(issued.credentials.url.replace('/erpmax?', '/postgres?'))).to.equal('42501')
  })

  it('sees in the activity of others no statement', async () => {
    const { rows: others } = await erp.query<{ query: string }>(
      `select query from pg_catalog.pg_stat_activity where usename = 'erpmax' and query <> '<insufficient privilege>'`,
    )
    expect(others).to.deep.equal([])
  })

  it('has its rights on tables made later, and again on a schema built anew', async () => {
    await rows(ctx.db, sql`create table ${identifier(a.schema)}.later (id int)`)
    expect(await told(erp, 'insert into later values (1)')).to.equal('ok')
    await rows(ctx.db, sql`drop schema ${identifier(a.schema)} cascade`)
    await makeSchema(ctx, a.schema)
    expect(await told(erp, 'select * from tenant_login_a.parties')).to.equal('42501')
    await transaction(ctx, (inner) => grantSchema(inner, a.id))
    expect(await told(erp, 'insert into orders default values')).to.equal('ok')
    await rows(ctx.db, sql`create table ${identifier(a.schema)}.later (id int)`)
    expect(await told(erp, 'insert into later values (1)')).to.equal('ok')
  })

  it('rotated, takes the new password and not the old one; the open session goes on', async () => {
    const rotated = await tenantCredentials(ctx, a.id, { rotate: true, dryRun: false })
    expect(rotated).to.deep.include({ created: false, rotated: true })
    expect(await refusedLogin(issued.credentials.url)).to.equal('28P01')
    await (await signIn(rotated.credentials.url)).end()
    expect(await told(erp, 'select 1')).to.equal('ok')
    issued = rotated
  })

  it('rehearsed, changes nothing', async () => {
    const rehearsed = await tenantCredentials(ctx, a.id, { rotate: true, dryRun: true })
    expect(rehearsed).to.deep.include({ rotated: true, dry_run: true })
    expect(rehearsed.credentials.password).to.equal(null)
    await (await signIn(issued.credentials.url)).end()
  })

  it('disabled, is refused, loses its sessions and its schema; enabled, is as before', async () => {
    const end = ending(await signIn(issued.credentials.url))
    await transaction(ctx, async (inner) => {
      await disableLogin(inner, a.id)
      await disableLogin(inner, a.id)
    })
    expect(await login(a)).to.deep.equal({ role_name: 'tenant_login_a', disabled: true })
    expect(await end).to.equal('57P01')
    expect(await refusedLogin(issued.credentials.url)).to.equal('28000')
    // A schema that is built anew meanwhile does not open it.
    await transaction(ctx, (inner) => grantSchema(inner, a.id))
    const [closed] = await rows(
      ctx.db,
      sql`select has_schema_privilege('tenant_login_a', ${a.schema}, 'USAGE') as open`,
    )
    expect(closed).to.deep.equal({ open: false })
    await transaction(ctx, (inner) => enableLogin(inner, a.id))
    erp = await signIn(issued.credentials.url)
    expect(await told(erp, 'select * from parties')).to.equal('ok')
    expect(await login(a)).to.deep.equal({ role_name: 'tenant_login_a', disabled: false })
  })

  it('a session that begins while it is being disabled reaches nothing', async () => {
    const slipped = await transaction(ctx, async (inner) => {
      await disableLogin(inner, a.id)
      // Not committed yet: nobody else knows of it.
      const session = await signIn(issued.credentials.url)
      expect(await told(session, 'select * from tenant_login_a.parties')).to.equal('ok')
      return session
    })
    expect(await told(slipped, 'select * from tenant_login_a.parties')).to.equal('42501')
    await transaction(ctx, (inner) => enableLogin(inner, a.id))
    expect(await told(slipped, 'select * from tenant_login_a.parties')).to.equal('ok')
    erp = slipped
  })

  it('dropped, is gone with all its rights; what has none is left alone', async () => {
    await transaction(ctx, (inner) => dropLogin(inner, b.id))
    expect(await login(b)).to.equal(undefined)
    expect(
      await rows(ctx.db, sql`select 1 from pg_catalog.pg_roles where rolname = ${b.schema}`),
    ).to.deep.equal([])
    const [left] = await rows<{ left: boolean }>(
      ctx.db,
      sql`select exists (select 1 from pg_catalog.pg_default_acl a join pg_catalog.pg_namespace n on n.oid = a.defaclnamespace
                         where n.nspname = ${b.schema} and a.defaclacl::text like '%login_b%') as left`,
    )
    expect(left).to.deep.equal({ left: false })
    for (const work of [dropLogin, disableLogin, enableLogin])
      await transaction(ctx, (inner) => work(inner, b.id))
    await transaction(ctx, (inner) => grantSchema(inner, b.id))
    await tenantCredentials(ctx, b.id, shown)
  })

  it('takes another name where a role of its name belongs to somebody else, and leaves that one alone', async () => {
    const c = await subscribedTenant(ctx, 'login-c', { schema: true })
    await rows(ctx.db, sql`create role tenant_login_c nologin`)
    try {
      const made = await tenantCredentials(ctx, c.id, shown)
      expect(made.credentials.user).to.equal(`tenant_login_c_${c.id.slice(0, 8)}`)
      await transaction(ctx, (inner) => disableLogin(inner, c.id))
      await transaction(ctx, (inner) => dropLogin(inner, c.id))
      expect(
        await rows(ctx.db, sql`select 1 from pg_catalog.pg_roles where rolname = 'tenant_login_c'`),
      ).to.have.length(1)
    } finally {
      await rows(ctx.db, sql`drop role tenant_login_c`)
    }
  })

  it('dropped by hand, is made anew; a namesake of another database is not taken for it', async () => {
    const d = await subscribedTenant(ctx, 'login-d', { schema: true })
    await tenantCredentials(ctx, d.id, shown)
    await execute(ctx.db, sql`drop owned by tenant_login_d`)
    await rows(ctx.db, sql`drop role tenant_login_d`)
    await rows(ctx.db, sql`create role tenant_login_d nologin`)
    try {
      await transaction(ctx, (inner) => enableLogin(inner, d.id))
      const [namesake] = await rows(
        ctx.db,
        sql`select rolcanlogin from pg_catalog.pg_roles where rolname = 'tenant_login_d'`,
      )
      expect(namesake).to.deep.equal({ rolcanlogin: false })
      const made = await tenantCredentials(ctx, d.id, shown)
      expect(made).to.include({ created: true })
      expect(made.credentials.user).not.to.equal('tenant_login_d')
      await transaction(ctx, (inner) => dropLogin(inner, d.id))
    } finally {
      await rows(ctx.db, sql`drop role tenant_login_d`)
    }
  })

  it('is refused, and not made, where everybody may reach into the control plane or the schema of another', async () => {
    const e = await subscribedTenant(ctx, 'login-e', { schema: true })
    const holes: [string, string, string][] = [
      [
        'grant select on public.tenants to public',
        'revoke select on public.tenants from public',
        'relation tenants',
      ],
      [
        'grant select (email) on public.users to public',
        'revoke select (email) on public.users from public',
        'relation users',
      ],
      [
        'grant create on schema public to public',
        'revoke create on schema public from public',
        'creation in schema public',
      ],
      [
        'grant execute on function public.take_ddl_slot(integer) to public',
        'revoke execute on function public.take_ddl_slot(integer) from public',
        'function take_ddl_slot(integer)',
      ],
      [
        `grant usage on schema ${b.schema} to public; grant select on ${b.schema}.parties to public`,
        `revoke all on ${b.schema}.parties from public; revoke usage on schema ${b.schema} from public`,
        `relation ${b.schema}.parties`,
      ],
    ]
    for (const [hole, mend, name] of holes) {
      await rows(ctx.db, verbatim(hole))
      try {
        const error = (await rejection(tenantCredentials(ctx, e.id, shown))) as {
          code: string
          details: { reachable: string[] }
        }
        expect(error, hole).to.include({ kind: 'conflict', code: 'login.not_isolated' })
        expect(error.details.reachable).to.deep.equal([name])
      } finally {
        await rows(ctx.db, verbatim(mend))
      }
    }
    expect(await login(e)).to.equal(undefined)
    expect(
      await rows(ctx.db, sql`select 1 from pg_catalog.pg_roles where rolname = ${e.schema}`),
    ).to.deep.equal([])
  })

  it('of many tenants at once, is made once each', async () => {
    const tenants = await Promise.all(
      ['f', 'g', 'h'].map((letter) => subscribedTenant(ctx, `login-${letter}`, { schema: true })),
    )
    const made = await Promise.all(
      [...tenants, ...tenants].map(({ id }) => tenantCredentials(ctx, id, shown)),
    )
    expect(made.filter(({ created }) => created)).to.have.length(3)
    for (const tenant of tenants) await transaction(ctx, (inner) => dropLogin(inner, tenant.id))
  })

  it('is not made for a tenant that is suspended', async () => {
    const i = await subscribedTenant(ctx, 'login-i', { schema: true })
    await execute(
      ctx.db,
      sql`update public.tenants set status = 'suspended', suspension_cause = 'billing' where id = ${i.id}`,
    )
    expect(await rejection(tenantCredentials(ctx, i.id, shown))).to.include({ code: 'tenant.suspended' })
  })
})
