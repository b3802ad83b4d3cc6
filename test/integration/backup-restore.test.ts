/** What comes back from a backup: all of a tenant's data and what the control plane keeps with it, never documents or money. */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import pg from 'pg'
import { embeddedHome } from '../../src/database/embedded/home.js'
import { embeddedUrl } from '../../src/database/embedded/server.js'
import { backUpTenant } from '../../src/workflows/back-up-tenant.js'
import { verifyTenant } from '../../src/workflows/verify-schemas.js'
import { backedUp, backUp, restore, rowCounts, verify, type BackedUp } from '../support/backed-up.js'
import { resealed, rewritten, type Block } from '../support/backup-layout.js'
import { filledTables } from '../support/backup-rows.js'
import { controlPlane, schemaContent } from '../support/dump.js'

/** What a restore writes to: everything else of the control plane stays as it was, byte for byte. */
const restoredTables = [
  'tenants',
  'tenant_features',
  'roles',
  'role_permissions',
  'memberships',
  'invitations',
]
const ownRecords = [
  'users',
  'jobs',
  'job_steps',
  'audit_log',
  'tenant_history',
  'tenant_placements',
  'outbox',
]

interface Kept {
  tenant: Record<string, unknown>
  features: unknown[]
  roles: unknown[]
  members: { email: string; role: string; own: boolean; erp_role: string | null; status: string }[]
}

describe('restoring a backup', () => {
  let all: BackedUp
  let content: Record<string, string>
  let counts: Record<string, number>
  let kept: Kept
  let file: string
  let writer: Awaited<ReturnType<typeof startWriter>> | undefined

  after(() => writer?.close())

  before(async () => {
    all = await backedUp()
    content = await schemaContent(all.place, 'tenant_kept')
    counts = await rowCounts(all.place, 'tenant_kept')
    kept = await keptOf('kept')
    const made = await backUp(all.ctx, all.tenant, path.join(all.folder, 'restore.erpmax-backup'))
    file = made.file
    const rows = Object.values(counts).reduce((sum, count) => sum + count, 0)
    expect(made).to.include({ tables: 237, rows, tenant: 'kept', purpose: 'manual' })
  })

  /** What the control plane keeps with a tenant's data, without what is of one installation or moment. */
  async function keptOf(subdomain: string): Promise<Kept> {
    const [found] = await all.place.query<Kept>(
      `select to_jsonb(t) - array['id', 'subdomain', 'created_at', 'updated_at', 'activated_at'] as tenant,
              (select jsonb_agg(to_jsonb(f) - array['id', 'tenant_id', 'created_at', 'updated_at'] order by f.flag)
                 from public.tenant_features f where f.tenant_id = t.id) as features,
              (select jsonb_agg(jsonb_build_object('code', r.code, 'name', r.name, 'description', r.description, 'may',
                        (select jsonb_agg(p.permission_code order by p.permission_code) from public.role_permissions p where p.role_id = r.id)) order by r.code)
                 from public.roles r where r.tenant_id = t.id) as roles,
              (select jsonb_agg(jsonb_build_object('email', u.email, 'role', r.code, 'own', r.tenant_id is not null, 'erp_role', m.erp_role, 'status', m.status) order by u.email)
                 from public.memberships m join public.users u on u.id = m.user_id join public.roles r on r.id = m.role_id
                 where m.tenant_id = t.id and m.status <> 'removed') as members
       from public.tenants t where t.subdomain = $1`,
      [subdomain],
    )
    if (!found) throw new Error(`no tenant ${subdomain}`)
    return found
  }

  it('its file is the owner’s alone, and as it was recorded', async () => {
    expect(statSync(file).mode & 0o777).to.equal(0o600)
    const { ok, sha256, bytes, tables, tenants } = await verify(all.ctx, file)
    expect({ ok, tables }).to.deep.equal({ ok: true, tables: 237 })
    const [recorded] = await all.place.query(
      'select file, sha256, bytes::float8 as bytes from public.backups where file = $1',
      [file],
    )
    expect(recorded).to.deep.equal({ file, sha256, bytes })
    expect(tenants.map(({ subdomain }) => subdomain)).to.deep.equal(['kept'])
    for (const table of filledTables) expect(counts[table], table).to.be.at.least(40)
  })

  it('the same tenant: data, particulars, settings, flags, roles and members are those of then, the rest is of now', async () => {
    await spoil()
    const except = [...restoredTables, ...ownRecords]
    const others = await controlPlane(all.place, except)
    const people = await all.place.query(
      'select id, email, status, password_hash from public.users order by id',
    )
    const spoilt = await keptOf('kept')
    expect(spoilt.tenant).to.not.deep.equal(kept.tenant)
    expect(spoilt.members).to.not.deep.equal(kept.members)

    const restored = await restore(all.ctx, file)
    expect(restored).to.include({ created: false, dry_run: false })
    expect(data(await schemaContent(all.place, 'tenant_kept'))).to.deep.equal(data(content))
    expect(data(await rowCounts(all.place, 'tenant_kept'))).to.deep.equal(data(counts))
    expect(await inErp('tenant_kept')).to.deep.equal([
      'buyer@kept.test active MANAGER',
      'late@kept.test active USER read-only',
      'owner@kept.test active SUPER_ADMIN',
      'user@kept.test invited USER',
    ])
    const { tenant, features, roles, members } = await keptOf('kept')
    expect(tenant).to.deep.equal(kept.tenant)
    expect(features).to.deep.equal(kept.features)
    expect(roles).to.deep.equal(kept.roles)
    // Who was removed is invited: nobody's account is opened. Who has come since stays.
    expect(members).to.deep.equal([
      { email: 'buyer@kept.test', role: 'buyer', own: true, erp_role: 'MANAGER', status: 'active' },
      { email: 'late@kept.test', role: 'member', own: false, erp_role: null, status: 'active' },
      { email: 'owner@kept.test', role: 'owner', own: false, erp_role: null, status: 'active' },
      { email: 'user@kept.test', role: 'user', own: false, erp_role: null, status: 'invited' },
    ])
    expect(
      await all.place.query('select id, email, status, password_hash from public.users order by id'),
    ).to.deep.equal(people)
    const now = await controlPlane(all.place, except)
    expect([...now].filter((line) => !others.has(line))).to.deep.equal([])
    expect([...others].filter((line) => !now.has(line))).to.deep.equal([])
    await expectWhole('kept')
  })

  /** Without what the ERP knows of people, which follows from who belongs to the tenant now. */
  function data<Value>({
    users: _,
    user_roles: __,
    ...tables
  }: Record<string, Value>): Record<string, Value> {
    return tables
  }

  async function inErp(schema: string): Promise<string[]> {
    const found = await all.place.query<{ line: string }>(
      `select concat_ws(' ', u.email, u.status, r.code, case when x.is_read_only then 'read-only' end) as line
       from ${schema}.users u left join ${schema}.user_roles x on x.user_id = u.id left join ${schema}.roles r on r.id = x.role_id
       where u.platform_user_id is not null order by 1`,
    )
    return found.map(({ line }) => line)
  }

  /** Something of everything a restore brings back, and of what it must leave alone. */
  async function spoil(): Promise<void> {
    const { id } = all.tenant
    await all.place.query('truncate tenant_kept.customers cascade')
    await all.place.query(
      `update tenant_kept.kpis set target_value = -1; delete from tenant_kept.holidays where name like '%7'`,
    )
    await all.place.query(`insert into tenant_kept.brands (code, name, slug) values ('LATE', 'Late', 'late')`)
    await all.place.query(
      `update public.tenants set name = 'Other', settings = '{"x": 1}', city = 'Pune', gstin = null, gst_treatment = 'unregistered', billing_email = 'o@kept.test' where id = $1`,
      [id],
    )
    await all.place.query(`delete from public.tenant_features where tenant_id = $1 and flag = 'scoring'`, [
      id,
    ])
    await all.place.query(
      `insert into public.tenant_features (tenant_id, flag, enabled) values ($1, 'late', true)`,
      [id],
    )
    await all.place.query(
      `delete from public.role_permissions where role_id in (select id from public.roles where tenant_id = $1) and permission_code = 'crm:read'`,
      [id],
    )
    await all.place.query(
      `update public.memberships m set status = 'removed' from public.users u
       where u.id = m.user_id and m.tenant_id = $1 and u.email = 'user@kept.test'`,
      [id],
    )
    await all.place.query(
      `update public.memberships m set role_id = r.id from public.users u, public.roles r
       where u.id = m.user_id and m.tenant_id = $1 and u.email = 'buyer@kept.test' and r.code = 'owner'`,
      [id],
    )
    await all.place.query(
      `with late as (insert into public.users (email, full_name, status) values ('late@kept.test', 'Late', 'active') returning id)
       insert into public.memberships (user_id, tenant_id, role_id, status)
       select late.id, $1, r.id, 'active' from late, public.roles r where r.code = 'member' and r.tenant_id is null`,
      [id],
    )
    await all.place.query(
      `insert into public.usage_records (tenant_id, key, metric, quantity, at) values ($1, 'late', 'api_calls', 7, now())`,
      [id],
    )
    // What is paid for since: a restore neither takes it back nor begins it.
    await all.place.query(
      `insert into public.subscription_items (subscription_id, kind, product_code, price_id, active)
       select s.id, 'module', p.product_code, p.id, daterange(s.started_on, null) from public.subscriptions s, public.prices p
       where s.tenant_id = $1 and p.product_kind = 'module' and p.product_code = 'hr' and p.currency = s.currency and p.cycle = s.cycle limit 1`,
      [id],
    )
  }

  it('another tenant, while somebody writes: what one moment had, to the row', async () => {
    writer = await startWriter()
    const target = path.join(all.folder, 'moment.erpmax-backup')
    const moment = await schemaContent(all.place, 'tenant_kept')
    const rows = await rowCounts(all.place, 'tenant_kept')
    const then = await keptOf('kept')
    const sum = await sumOf('tenant_kept')
    const others = await controlPlane(all.place, ownRecords)
    let transfers = 0
    // After each table that was copied, in a transaction of its own: one table before it, one behind it.
    const copying = backUpTenant(all.ctx, all.tenant, { output: target, purpose: 'manual' })
    for await (const { event } of copying) {
      if (event !== 'progress') continue
      await writer.transfer()
      transfers += 1
    }
    expect(transfers).to.be.at.least(237)
    await asOfElsewhere(target)
    const running = writer.run()
    const restored = await restore(all.ctx, target, 'kept-too')
    const during = await running.stop()
    expect(during).to.be.greaterThan(0)

    expect(data(await schemaContent(all.place, 'tenant_kept_too'))).to.deep.equal(data(moment))
    expect(data(await rowCounts(all.place, 'tenant_kept_too'))).to.deep.equal(data(rows))
    expect(await inErp('tenant_kept_too')).to.deep.equal([
      'buyer@kept.test invited MANAGER',
      'late@kept.test invited USER read-only',
      'owner@kept.test invited SUPER_ADMIN',
      'user@kept.test invited USER',
    ])
    expect(await sumOf('tenant_kept_too')).to.equal(sum)
    expect(await sumOf('tenant_kept'), 'transfers keep the sum').to.equal(sum)
    const changed = await schemaContent(all.place, 'tenant_kept')
    expect(changed.customers).to.not.equal(moment.customers)
    expect(changed.kpis).to.not.equal(moment.kpis)

    expect(restored.created).to.equal(true)
    expect(restored.subscription).to.deep.include({ tier: 'STARTER' })
    const { tenant, features, roles, members } = await keptOf('kept-too')
    expect(tenant).to.deep.equal(then.tenant)
    expect(features).to.deep.equal(then.features)
    expect(roles).to.deep.equal(then.roles)
    expect(then.members).to.have.length.of.at.least(3)
    expect(members).to.deep.equal(then.members.map((one) => ({ ...one, status: 'invited' })))
    expect(restored.invitations.map(({ email, role }) => ({ email, role }))).to.deep.equal([
      { email: 'owner@kept.test', role: 'owner' },
    ])
    await expectWhole('kept-too')
    await expectNoMoney('kept-too')
    const now = await controlPlane(all.place, ownRecords)
    expect(
      [...others].filter((line) => !now.has(line)),
      'rows of others',
    ).to.deep.equal([])
  })

  /** The same backup from an installation where the owner, known by the address, has another id. */
  async function asOfElsewhere(target: string): Promise<void> {
    const [owner] = await all.place.query<{ id: string }>(
      `select id from public.users where email = 'owner@kept.test'`,
    )
    const id = owner?.id ?? ''
    let moved = 0
    const replaced = ({ kind, content }: Block): Buffer => {
      if (kind !== 'DATA' || !content.includes(id)) return content
      moved += 1
      return Buffer.from(content.toString().replaceAll(id, '99999999-9999-4999-8999-999999999999'))
    }
    writeFileSync(target, resealed(rewritten(readFileSync(target), replaced)))
    // The members, and the ERP's own users.
    expect(moved).to.equal(2)
  }

  async function expectWhole(subdomain: string): Promise<void> {
    expect(await verifyTenant(all.ctx, subdomain)).to.include({ status: 'active', state: 'whole', ok: true })
  }

  /** No row of any table of the control plane is the new tenant's but those a restore writes. */
  async function expectNoMoney(subdomain: string): Promise<void> {
    const { id } = (
      await all.place.query<{ id: string }>('select id from public.tenants where subdomain = $1', [subdomain])
    )[0] ?? { id: '' }
    const lines = [...(await controlPlane(all.place, [...restoredTables, ...ownRecords]))]
    expect(lines.filter((line) => line.includes(id))).to.deep.equal([])
  }

  const sumOf = async (schema: string): Promise<string> => {
    const [found] = await all.place.query<{ sum: string }>(
      `select ((select sum(outstanding_amount) from ${schema}.customers) + (select sum(target_value) from ${schema}.kpis))::text as sum`,
    )
    return found?.sum ?? ''
  }

  /** Moves one from a customer to a KPI, for ever: tables at the two ends of the order in which they are copied. */
  async function startWriter() {
    const client = new pg.Client(await embeddedUrl(embeddedHome(all.place.home)))
    await client.connect()
    const transfer = async (): Promise<void> => {
      await client.query(
        `with one as (update tenant_kept.customers set outstanding_amount = outstanding_amount - 1 where customer_code = 'C3')
         update tenant_kept.kpis set target_value = target_value + 1 where code = 'KPI3'`,
      )
    }
    return {
      transfer,
      run() {
        let stopped = false
        let done = 0
        const working = (async () => {
          for (; !stopped; done++) await transfer()
        })()
        return {
          async stop(): Promise<number> {
            stopped = true
            await working
            return done
          },
        }
      },
      close: () => client.end(),
    }
  }
})
