/** The reads on a real server: pages, filters, and that what they show is what is there. */
import { expect } from 'chai'
import { execute, oneRow, rows, sql } from '../../src/database/sql.js'
import { ErpmaxError } from '../../src/kernel/errors.js'
import { audit } from '../../src/operations/audit.js'
import { auditOrders, listAudit, type AuditFilters } from '../../src/views/audit.js'
import { listJobs, showJob } from '../../src/views/jobs.js'
import { listModules } from '../../src/views/modules.js'
import { showTenant } from '../../src/views/tenant.js'
import { listTenants, tenantOrders, type TenantFilters } from '../../src/views/tenants.js'
import { createTenant, type CreateTenantInput } from '../../src/workflows/create-tenant.js'
import { openThrowAway, removeServer, throwAwayFolder } from '../support/server.js'
import type { OpenedContext } from '../../src/context.js'
import type { Page, PageRequest } from '../../src/database/keyset.js'

const home = throwAwayFolder()
let ctx: OpenedContext

async function create(subdomain: string, name: string, modules: string[]): Promise<void> {
  const input: CreateTenantInput = {
    subdomain,
    company: { name, country: 'US' },
    admin: { email: `admin@${subdomain}.test`, password: null },
    subscription: { modules },
    ifNotExists: false,
  }
  for await (const _ of createTenant(ctx, input));
}

/** A tenant without a schema, as a row alone. */
async function insertTenant(subdomain: string, name: string, status = 'provisioning'): Promise<void> {
  await execute(
    ctx.db,
    sql`with tenant as (
          insert into public.tenants (subdomain, status, name, legal_name, country_code, billing_email, time_zone, currency, language)
          values (${subdomain}, ${status}, ${name}, ${name}, 'US', 'bills@rows.test', 'UTC', 'USD', 'en') returning id)
        insert into public.tenant_placements (tenant_id, server_id, schema_name)
        select tenant.id, s.id, 'tenant_' || replace(${subdomain}, '-', '_') from tenant, public.database_servers s`,
  )
}

/** Walks from page to page; fails on an endless walk. */
async function pagesOf<Item>(
  read: (page: PageRequest) => Promise<Page<Item>>,
  sort: string,
  limit: number,
): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | null = null
  for (let n = 0; n < 100; n++) {
    const page: Page<Item> = await read({ sort, limit, cursor })
    expect(page.items.length).to.be.at.most(limit)
    items.push(...page.items)
    cursor = page.next_cursor
    if (cursor === null) return items
  }
  throw new Error('the pages do not end')
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (error instanceof ErpmaxError) return `${error.kind} ${error.code}`
    throw error
  }
  return 'none'
}

const everyTenant: TenantFilters = { status: [], tier: [], module: [], search: null }
const everyEntry: AuditFilters = {
  ...{ tenant: [], action: null, outcome: [], operator: null },
  ...{ since: null, until: null },
}
const first: PageRequest = { sort: 'subdomain', limit: 50, cursor: null }
const names = async (filters: Partial<TenantFilters>): Promise<string[]> =>
  (await listTenants(ctx, { ...everyTenant, ...filters }, first)).items.map((tenant) => tenant.subdomain)

describe('views', () => {
  before(async () => {
    ctx = await openThrowAway(home)
    await create('acme', 'Acme Industries', ['finance'])
    await create('globex', 'Globex 100% Corporation', ['finance', 'crm', 'procurement'])
    for (const subdomain of ['row-a', 'row-b', 'row-c']) await insertTenant(subdomain, 'Same Name')
  })
  after(async () => {
    await ctx.close()
    await removeServer(home)
  })

  describe('tenant list', () => {
    it('gives each tenant once, whatever the order and the size of pages', async () => {
      for (const sort of tenantOrders) {
        const whole = await listTenants(ctx, everyTenant, { ...first, sort })
        expect(whole.items, sort).to.have.length(5)
        for (const limit of [1, 2, 3]) {
          const paged = await pagesOf((page) => listTenants(ctx, everyTenant, page), sort, limit)
          expect(paged, `${sort} by ${limit}`).to.deep.equal(whole.items)
        }
      }
      const [up, down] = [
        await names({}),
        (await listTenants(ctx, everyTenant, { ...first, sort: '-subdomain' })).items,
      ]
      expect(up).to.deep.equal(['acme', 'globex', 'row-a', 'row-b', 'row-c'])
      expect(down.map((tenant) => tenant.subdomain)).to.deep.equal(up.reverse())
    })

    it('goes on where it was when rows have come meanwhile', async () => {
      const page = await listTenants(ctx, everyTenant, { ...first, limit: 2 })
      await insertTenant('aaa', 'Came later')
      const next = await listTenants(ctx, everyTenant, { ...first, cursor: page.next_cursor })
      await execute(ctx.db, sql`delete from public.tenants where subdomain = 'aaa'`)
      expect(next.items.map((tenant) => tenant.subdomain)).to.deep.equal(['row-a', 'row-b', 'row-c'])
    })

    it('refuses a cursor of another order, and what is none', async () => {
      const { next_cursor: cursor } = await listTenants(ctx, everyTenant, { ...first, limit: 1 })
      const refused = 'usage usage.cursor_invalid'
      expect(await codeOf(listTenants(ctx, everyTenant, { ...first, sort: '-name', cursor }))).to.equal(
        refused,
      )
      for (const text of ['', 'x', 'bnVsbA', Buffer.from('["subdomain"]').toString('base64url')].slice(1))
        expect(await codeOf(listTenants(ctx, everyTenant, { ...first, cursor: text })), text).to.equal(
          refused,
        )
    })

    it('filters, and counts what matches', async () => {
      expect(await names({ module: ['crm'] })).to.deep.equal(['globex'])
      expect(await names({ module: ['finance'], tier: ['starter'] })).to.deep.equal(['acme', 'globex'])
      expect(await names({ module: ['finance', 'crm'], tier: ['FREE', 'STARTER'] })).to.deep.equal(['globex'])
      expect(await names({ tier: ['FREE'] })).to.deep.equal([])
      expect(await names({ status: ['active', 'failed'] })).to.deep.equal(['acme', 'globex'])
      expect(await names({ search: 'INDUSTR' })).to.deep.equal(['acme'])
      expect(await names({ search: 'bills@' })).to.deep.equal(['row-a', 'row-b', 'row-c'])
      expect(await names({ search: '100%' })).to.deep.equal(['globex'])
      expect(await names({ search: 'ac_e' })).to.deep.equal([])
      const list = await listTenants(ctx, everyTenant, { ...first, limit: 1 })
      expect(list).to.deep.include({ total: 5, by_status: { active: 2, provisioning: 3 } })
      expect(await codeOf(names({ module: ['finance', 'finanse'] }))).to.equal('usage module.unknown')
      expect(await codeOf(names({ tier: ['GOLD'] }))).to.equal('usage tier.unknown')
    })

    it('shows the plan, and modules only while they are held', async () => {
      const of = async (): Promise<unknown> =>
        (await listTenants(ctx, { ...everyTenant, search: 'acme' }, first)).items[0]
      expect(await of()).to.deep.include({
        ...{ tier: 'STARTER', subscription_status: 'trialing', cycle: 'monthly', currency: 'USD' },
        ...{ modules: ['system_admin', 'finance'], people: 1, schema: 'tenant_acme' },
      })
      const ends = (
        day: string,
      ) => sql`update public.subscription_items i set active = daterange('2020-01-01', ${day}::date)
        from public.subscriptions s join public.tenants t on t.id = s.tenant_id
        where s.id = i.subscription_id and t.subdomain = 'acme' and i.product_code = 'finance'`
      await execute(ctx.db, ends('2020-02-01'))
      expect(await of()).to.deep.include({ modules: ['system_admin'] })
      expect(await names({ module: ['finance'] })).to.deep.equal(['globex'])
      await execute(ctx.db, ends('2999-01-01'))
      expect(await of()).to.deep.include({ modules: ['system_admin', 'finance'] })
    })

    it('leaves deleted tenants out unless they are asked for', async () => {
      await insertTenant('gone', 'Gone')
      for (const status of ['failed', 'deleting', 'deleted'])
        await execute(ctx.db, sql`update public.tenants set status = ${status} where subdomain = 'gone'`)
      expect(await names({})).to.not.include('gone')
      expect(await names({ status: ['deleted'] })).to.deep.equal(['gone'])
    })
  })

  describe('tenant show', () => {
    it('shows a whole tenant, by subdomain and by id', async () => {
      const shown = await showTenant(ctx, 'acme')
      expect(shown.tenant).to.include({ subdomain: 'acme', status: 'active', suspension_cause: null })
      expect(shown.schema).to.include({ name: 'tenant_acme', state: 'whole', table_count: 237 })
      expect(shown.schema.size_bytes).to.be.greaterThan(1_000_000)
      expect(shown.schema.modules).to.have.length(10)
      for (const { tables, expected } of shown.schema.modules) expect(tables).to.equal(expected)
      expect(shown.people).to.have.length(1)
      expect(shown.people[0]).to.include({ email: 'admin@acme.test', role: 'owner', status: 'active' })
      expect(shown.jobs[0]).to.include({ kind: 'tenant.create', status: 'succeeded', stalled: false })
      expect((await showTenant(ctx, shown.tenant.id)).tenant).to.deep.equal(shown.tenant)
      expect(await codeOf(showTenant(ctx, 'nobody'))).to.equal('not_found tenant.not_found')
    })

    it('tells a changed schema and an absent one', async () => {
      await execute(ctx.db, sql`drop table tenant_globex.leave_types cascade`)
      await execute(ctx.db, sql`create table tenant_globex.stranger (id int)`)
      const { schema } = await showTenant(ctx, 'globex')
      expect(schema).to.include({ state: 'different', table_count: 237 })
      const hr = schema.modules.find(({ code }) => code === 'hr')
      expect(hr?.tables).to.equal((hr?.expected ?? 0) - 1)
      expect(schema.modules.at(-1)).to.deep.equal({ code: null, tables: 1, expected: 0 })
      const absent = (await showTenant(ctx, 'row-a')).schema
      expect(absent).to.include({ state: 'absent', table_count: 0, fingerprint: null, size_bytes: 0 })
    })

    it('waits for nobody who is building', async () => {
      await ctx.db.transaction(async (builder) => {
        await rows(builder, sql`select pg_advisory_xact_lock(hashtextextended('tenant_acme', 0))`)
        const shown = await Promise.race([
          showTenant(ctx, 'acme').then(({ schema }) => schema.state),
          new Promise((resolve) => setTimeout(resolve, 3000, 'waited')),
        ])
        expect(shown).to.equal('whole')
      })
    })
  })

  describe('jobs', () => {
    it('are listed newest first, found by tenant, kind and state', async () => {
      const list = async (filters: object): Promise<string[]> => {
        const all = { status: [], kind: null, tenant: [], ...filters }
        return (await listJobs(ctx, all, { limit: 50, cursor: null })).items.map((job) => job.subject)
      }
      expect(await list({})).to.deep.equal(['globex', 'acme'])
      expect(await list({ tenant: ['acme'] })).to.deep.equal(['acme'])
      expect(await list({ tenant: [(await showTenant(ctx, 'acme')).tenant.id] })).to.deep.equal(['acme'])
      expect(await list({ status: ['failed'] })).to.deep.equal([])
      expect(await list({ kind: 'tenant.create', status: ['succeeded'] })).to.have.length(2)
      expect(await list({ kind: 'tenant' })).to.deep.equal([])
    })

    it('are shown with their steps, and a step took as long as it did', async () => {
      const { id } = await oneRow<{ id: string }>(
        ctx.db,
        sql`select id from public.jobs where subject = 'acme'`,
      )
      const job = await showJob(ctx, id)
      expect(job.steps.map((step) => step.name)).to.deep.equal(['schema', 'seed', 'subscribe', 'activate'])
      expect(job.steps[0]?.duration_ms).to.be.greaterThan(100)
      const sum = job.steps.reduce((all, step) => all + (step.duration_ms ?? 0), 0)
      expect(sum).to.be.at.most((job.duration_ms ?? 0) + 50)
      expect(job).to.deep.include({ tenant: 'acme', holder: null, lease: null, error: null })
      expect(job.input).to.include({ subdomain: 'acme' })
      expect((await showJob(ctx, id.slice(0, 8))).id).to.equal(id)
    })

    it('are told apart where the beginning of the id does not suffice', async () => {
      const ids = ['aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002']
      for (const id of ids)
        await execute(
          ctx.db,
          sql`insert into public.jobs (id, kind, subject, status, input_hash) values (${id}, 'test.job', ${id}, 'queued', '')`,
        )
      expect(await codeOf(showJob(ctx, 'aaaaaaaa'))).to.equal('conflict job.ambiguous')
      for (const text of ['bbbbbbbb-0000', 'aaa', '%', 'x'.repeat(200)])
        expect(await codeOf(showJob(ctx, text)), text).to.equal('not_found job.not_found')
    })

    it('are stalled where the holder has gone quiet', async () => {
      const id = 'aaaaaaaa-0000-4000-8000-000000000001'
      const hold = (until: string) => sql`update public.jobs set status = 'running', started_at = now(),
        holder = '{"host": "far", "pid": 7, "startedAt": "x"}', lease_until = now() + ${until}::interval where id = ${id}`
      await execute(ctx.db, hold('1 minute'))
      expect(await showJob(ctx, id)).to.deep.include({ stalled: false, holder: { host: 'far', pid: 7 } })
      await execute(ctx.db, hold('-1 minute'))
      const stalled = await showJob(ctx, id)
      expect(stalled.stalled).to.equal(true)
      expect(stalled.lease?.alive).to.equal(false)
    })
  })

  describe('audit list', () => {
    before(async () => {
      for (const outcome of ['failed', 'refused'] as const)
        await audit(ctx, {
          ...{ action: 'tenant.create', subjectKind: 'tenant', subject: 'never-born' },
          ...{ outcome, errorCode: 'test' },
        })
    })
    const entries = async (filters: Partial<AuditFilters>): Promise<string[]> =>
      (await listAudit(ctx, { ...everyEntry, ...filters }, { ...first, sort: 'at' })).items.map(
        (entry) => `${entry.subject} ${entry.outcome}`,
      )

    it('gives each entry once, whatever the order and the size of pages', async () => {
      for (const sort of auditOrders) {
        const whole = await listAudit(ctx, everyEntry, { ...first, sort })
        expect(whole.items).to.have.length(4)
        const paged = await pagesOf((page) => listAudit(ctx, everyEntry, page), sort, 1)
        expect(paged, sort).to.deep.equal(whole.items)
      }
    })

    it('filters', async () => {
      const { id } = (await showTenant(ctx, 'acme')).tenant
      expect(await entries({ tenant: ['acme'] })).to.deep.equal(['acme succeeded'])
      expect(await entries({ tenant: [id] })).to.deep.equal(['acme succeeded'])
      expect(await entries({ tenant: ['never-born'] })).to.deep.equal([
        'never-born failed',
        'never-born refused',
      ])
      expect(await entries({ outcome: ['refused', 'failed'] })).to.have.length(2)
      expect(await entries({ action: 'tenant' })).to.have.length(4)
      expect(await entries({ action: 'tenant.create' })).to.have.length(4)
      expect(await entries({ action: 'ten' })).to.deep.equal([])
      expect(await entries({ operator: 'somebody' })).to.deep.equal([])
    })

    it('takes the beginning of a time in and its end out', async () => {
      await execute(
        ctx.db,
        sql`insert into public.audit_log (at, operator, os_user, host, action, subject_kind, subject, outcome)
            values ('2020-01-01T00:00:00Z', 'clerk', 'clerk', 'desk', 'tenant.create', 'tenant', 'edge', 'succeeded')`,
      )
      const at = new Date('2020-01-01T00:00:00Z')
      const after = new Date(at.getTime() + 1)
      expect(await entries({ since: at, until: after })).to.deep.equal(['edge succeeded'])
      expect(await entries({ since: after })).to.have.length(4)
      expect(await entries({ until: at })).to.deep.equal([])
      expect(await entries({ operator: 'clerk' })).to.deep.equal(['edge succeeded'])
    })
  })

  describe('module list', () => {
    const page = { limit: 50, cursor: null }

    it('has ten modules of 237 tables, with the prices in force', async () => {
      const list = await listModules(ctx, { currency: null, cycle: null }, page)
      expect(list.items).to.have.length(10)
      expect(list.items.reduce((sum, module) => sum + module.tables, 0)).to.equal(237)
      const finance = list.items.find((module) => module.code === 'finance')
      expect(finance?.prices).to.deep.include.members([
        { cycle: 'monthly', price: { amount_minor: 49_900, currency: 'USD' } },
        { cycle: 'annual', price: { amount_minor: 38_399_040, currency: 'INR' } },
      ])
      expect(list.items.find((module) => module.code === 'logistics')?.requires).to.deep.equal(['oms_wms'])
      expect(list.tiers.map((tier) => tier.code)).to.deep.equal([
        'FREE',
        'STARTER',
        'PROFESSIONAL',
        'ENTERPRISE',
      ])
      expect(list.tiers[1]?.fees).to.have.length(4)
    })

    it('filters prices and pages modules', async () => {
      const list = await listModules(ctx, { currency: 'inr', cycle: 'annual' }, { ...page, limit: 3 })
      expect(list.items.flatMap((module) => module.prices)).to.have.length(3)
      const next = await listModules(
        ctx,
        { currency: null, cycle: null },
        { ...page, cursor: list.next_cursor },
      )
      expect(next.items).to.have.length(7)
      expect(await codeOf(listModules(ctx, { currency: 'EUR', cycle: null }, page))).to.equal(
        'usage currency.unpriced',
      )
    })
  })
})
