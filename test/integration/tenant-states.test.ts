/** A tenant's life as a server sees it: what each move writes, what it refuses, and that doing it twice is doing it once. */
import { expect } from 'chai'
import { execute, firstRow, oneRow, rows, sql } from '../../src/database/sql.js'
import { assertTenantMay, type TenantAction } from '../../src/subscriptions/gate.js'
import { putAway, unarchiveTenant } from '../../src/tenants/archive.js'
import { findTenant, type PlacedTenant } from '../../src/tenants/find.js'
import { liftSuspension, suspendTenant } from '../../src/tenants/suspend.js'
import { tenantHistory } from '../../src/views/tenant-history.js'
import { showTenant } from '../../src/views/tenant.js'
import { provisionSchema } from '../../src/workflows/provision-schema.js'
import { atInstant } from '../support/clock.js'
import { rejection } from '../support/errors.js'
import { finished } from '../support/schemas.js'
import { sharedContext } from '../support/server.js'
import { activeTenant, reservedTenant } from '../support/tenants.js'
import type { OpenedContext } from '../../src/context.js'
import type { MovedTenant } from '../../src/tenants/change-state.js'

const byOperator = { cause: 'operator', reason: 'late', bills: true, dryRun: false } as const
const byBilling = { cause: 'billing', reason: 'overdue', bills: false, dryRun: false } as const
const plain = { reason: null, dryRun: false }

describe('the states of a tenant', () => {
  let ctx: OpenedContext
  let count = 0

  before(async () => {
    ctx = await sharedContext()
  })

  const fresh = (): Promise<PlacedTenant> => activeTenant(ctx, `life-${(count += 1)}`)
  const suspend = (tenant: PlacedTenant, how = {}): Promise<MovedTenant> =>
    suspendTenant(ctx, tenant, { ...byOperator, ...how })
  const resume = (tenant: PlacedTenant): Promise<MovedTenant> =>
    liftSuspension(ctx, tenant, { ...plain, cause: 'operator' })
  const archive = (tenant: PlacedTenant): Promise<MovedTenant> => putAway(ctx, tenant, plain)
  const unarchive = (tenant: PlacedTenant): Promise<MovedTenant> => unarchiveTenant(ctx, tenant, plain)

  /** Everything that is written about a tenant: rows of its history, of the outbox and of the audit log. */
  async function traces({
    id,
  }: PlacedTenant): Promise<{ moves: string[]; events: string[]; audited: string[] }> {
    const moves = await rows<{ move: string }>(
      ctx.db,
      sql`select concat_ws(' ', from_status, to_status, cause, reason) as move from public.tenant_history
          where tenant_id = ${id} and id > (select min(id) + 1 from public.tenant_history where tenant_id = ${id}) order by id`,
    )
    const events = await rows<{ topic: string }>(
      ctx.db,
      sql`select topic from public.outbox where tenant_id = ${id} order by topic`,
    )
    const audited = await rows<{ action: string }>(
      ctx.db,
      sql`select action from public.audit_log where tenant_id = ${id} order by at`,
    )
    return {
      moves: moves.map(({ move }) => move),
      events: events.map(({ topic }) => topic),
      audited: audited.map(({ action }) => action),
    }
  }

  it('are walked through, each move with its history, its event and its audit row, once', async () => {
    const tenant = await fresh()
    const walk = [suspend, resume, archive, unarchive]
    const states: string[] = []
    for (const step of walk) {
      const moved = await step(tenant)
      const again = await step(tenant)
      expect(moved.changed, step.name).to.equal(true)
      expect(again, step.name).to.deep.equal({ ...moved, changed: false, from: moved.tenant.status })
      states.push(moved.tenant.status)
    }
    expect(states).to.deep.equal(['suspended', 'active', 'archived', 'active'])
    expect(await traces(tenant)).to.deep.equal({
      moves: ['active suspended operator late', 'suspended active', 'active archived', 'archived active'],
      events: ['tenant.archived', 'tenant.resumed', 'tenant.suspended', 'tenant.unarchived'],
      audited: ['tenant.suspend', 'tenant.resume', 'tenant.archive', 'tenant.unarchive'],
    })
  })

  it('tell of a suspension why, since when and whether it is billed, and forget it when it is lifted', async () => {
    const tenant = await fresh()
    const at = new Date('2026-02-10T09:00:00Z')
    const then = { ...ctx, clock: { now: () => at } }
    const { tenant: suspended } = await suspendTenant(then, tenant, { ...byOperator, bills: false })
    expect(suspended).to.deep.include({
      ...{ status: 'suspended', suspension_cause: 'operator', suspension_reason: 'late' },
      ...{ suspension_bills: false, suspended_at: at.toISOString(), deletable_on: null },
    })
    const other = await suspend(tenant, { reason: 'later still' })
    expect(other).to.deep.include({ changed: true, from: 'suspended' })
    expect(other.tenant).to.deep.include({
      ...{ suspension_reason: 'later still', suspension_bills: true, suspended_at: at.toISOString() },
    })
    expect((await traces(tenant)).moves).to.have.length(1)
    const shown = (await showTenant(ctx, tenant.subdomain)).tenant
    expect(shown).to.include({ suspension_reason: 'later still', suspension_bills: true })
    const nothing = { suspension_cause: null, suspension_reason: null, suspension_bills: null }
    expect((await resume(tenant)).tenant).to.deep.include({ ...nothing, suspended_at: null })
  })

  it('count the thirty days from the archiving, where the tenant is', async () => {
    const tenant = await fresh()
    const late = atInstant(ctx, '2026-01-30T18:30:00Z')
    const { tenant: archived } = await putAway(late, tenant, plain)
    expect(archived).to.include({ archived_at: '2026-01-30T18:30:00.000Z', deletable_on: '2026-03-02' })
    expect((await unarchive(tenant)).tenant).to.include({ archived_at: null, deletable_on: null })
  })

  it('refuse, with what to do, each move from a state it does not lead from', async () => {
    const moves = { suspend, resume, archive, unarchive }
    const refused: Record<string, (keyof typeof moves)[]> = {
      provisioning: ['suspend', 'resume', 'archive', 'unarchive'],
      failed: ['suspend', 'resume', 'archive', 'unarchive'],
      active: [],
      suspended: ['unarchive'],
      archived: ['suspend', 'resume'],
      restoring: ['suspend', 'resume', 'archive', 'unarchive'],
      deleting: ['suspend', 'resume', 'archive', 'unarchive'],
    }
    const ways: Record<string, string[]> = {
      provisioning: [],
      active: ['active'],
      failed: ['failed'],
      suspended: ['active', 'suspended'],
      archived: ['active', 'archived'],
      restoring: ['active', 'restoring'],
      deleting: ['failed', 'deleting'],
    }
    for (const [status, names] of Object.entries(refused)) {
      await reservedTenant(ctx, `state-${status}`)
      const tenant = await findTenant(ctx, `state-${status}`)
      for (const to of ways[status] ?? [])
        await execute(
          ctx.db,
          sql`update public.tenants set status = ${to}, suspension_cause = ${to === 'suspended' ? 'operator' : null} where id = ${tenant.id}`,
        )
      for (const name of names) {
        const error = await rejection(moves[name](tenant))
        const code = 'tenant.illegal_state'
        expect(error, `${name} while ${status}`).to.deep.include({
          kind: 'conflict',
          code,
          details: { status },
        })
        expect((error as { hint: string }).hint).to.match(/^erpmax \w+ \w+ /)
      }
      expect((await traces(tenant)).events, status).to.deep.equal([])
    }
  })

  it('give two who do the same at once one history', async () => {
    const tenant = await fresh()
    const both = await Promise.all([suspend(tenant), suspend(tenant)])
    expect(both.map(({ changed }) => changed).sort()).to.deep.equal([false, true])
    const mixed = await Promise.allSettled([archive(tenant), resume(tenant), archive(tenant)])
    expect(mixed[0]?.status).to.equal('fulfilled')
    const { events, moves } = await traces(tenant)
    expect(events.filter((topic) => topic === 'tenant.archived')).to.have.length(1)
    expect(events).to.have.length(moves.length)
  })

  it('are rehearsed by a dry run, and nothing of it stays', async () => {
    const tenant = await fresh()
    const look = async (): Promise<unknown> => [
      await traces(tenant),
      await oneRow(
        ctx.db,
        sql`select to_jsonb(t)::text as row from public.tenants t where id = ${tenant.id}`,
      ),
    ]
    const before = await look()
    const planned = await suspend(tenant, { dryRun: true })
    expect(planned).to.deep.include({ dry_run: true, changed: true, from: 'active' })
    expect(planned.tenant).to.include({ status: 'suspended', suspension_reason: 'late' })
    const away = await putAway(ctx, tenant, { ...plain, dryRun: true })
    expect(away.tenant.status).to.equal('archived')
    expect(await look()).to.deep.equal(before)
  })

  describe('suspended', () => {
    it('refuse new modules, jobs and people with the reason, and let it be shown, exported and resumed', async () => {
      const tenant = await fresh()
      await suspend(tenant)
      const may = async (action: TenantAction): Promise<unknown> =>
        assertTenantMay(ctx, tenant, action).catch((error: unknown) => error)
      for (const action of ['subscribe', 'work', 'sign_in'] as const) {
        const refusal = await may(action)
        expect(refusal, action).to.deep.include({
          ...{ kind: 'conflict', code: 'tenant.suspended', hint: `erpmax tenant resume ${tenant.subdomain}` },
          details: { status: 'suspended', cause: 'operator', reason: 'late' },
        })
      }
      for (const action of ['show', 'export', 'pay', 'restore', 'update'] as const)
        expect(await may(action), action).to.equal(undefined)
      const job = finished(provisionSchema(ctx, tenant.subdomain))
      expect(await rejection(job)).to.include({ kind: 'conflict', code: 'tenant.suspended' })
      expect(await firstRow(ctx.db, sql`select 1 from public.jobs where tenant_id = ${tenant.id}`)).to.equal(
        null,
      )
      await resume(tenant)
      expect(await may('subscribe')).to.equal(undefined)
      await archive(tenant)
      const archived = finished(provisionSchema(ctx, tenant.subdomain))
      expect(await rejection(archived)).to.include({ kind: 'conflict', code: 'tenant.archived' })
    })

    it('by billing are lifted by billing alone, and no more by the way through the archive', async () => {
      const tenant = await fresh()
      await suspend(tenant, byBilling)
      for (const refused of [resume(tenant), suspend(tenant)]) {
        const error = await rejection(refused)
        expect(error).to.deep.include({ kind: 'conflict', code: 'tenant.suspended' })
        expect(error).to.have.nested.property('details.cause', 'billing')
      }
      await archive(tenant)
      const back = await unarchive(tenant)
      expect(back.tenant).to.deep.include({
        ...{ status: 'suspended', suspension_cause: 'billing', suspension_reason: 'overdue' },
        ...{ suspension_bills: false, archived_at: null },
      })
      expect((await traces(tenant)).moves).to.deep.equal([
        'active suspended billing overdue',
        'suspended archived',
        'archived active',
        'active suspended billing overdue',
      ])
      const lifted = await liftSuspension(ctx, tenant, { ...plain, cause: 'billing' })
      expect(lifted.tenant.status).to.equal('active')
      await archive(tenant)
      expect((await unarchive(tenant)).tenant.status, 'lifted before it was archived').to.equal('active')
    })

    it('by an operator end with the archive', async () => {
      const tenant = await fresh()
      await suspend(tenant)
      await archive(tenant)
      expect((await unarchive(tenant)).tenant.status).to.equal('active')
    })
  })

  it('stay archived where the schema is gone', async () => {
    const tenant = await fresh()
    await archive(tenant)
    await ctx.db.raw(`drop schema ${tenant.schema} cascade`)
    expect(await rejection(unarchive(tenant))).to.include({ kind: 'conflict', code: 'schema.absent' })
    expect((await showTenant(ctx, tenant.subdomain)).tenant.status).to.equal('archived')
  })

  it('moved by hand are complete too, and lies are refused by the database', async () => {
    const { id } = await fresh()
    const run = async (what: string): Promise<string | null> =>
      ctx.db
        .raw(`update public.tenants set ${what} where id = '${id}'`)
        .then(() => null)
        .catch((error: { code: string }) => error.code)
    const now = (): Promise<Record<string, unknown>> =>
      oneRow(
        ctx.db,
        sql`select suspended_at is null as "never suspended", suspension_bills, suspension_reason, archived_at is null as "not archived"
            from public.tenants where id = ${id}`,
      )
    expect(await run(`status = 'suspended', suspension_cause = 'billing', suspension_reason = 'x'`)).to.equal(
      null,
    )
    expect(await now()).to.include({ 'never suspended': false, suspension_bills: false })
    expect(await run(`suspension_bills = true`)).to.equal('23514')
    expect(await run(`settings = '[]'`)).to.equal('23514')
    expect(await run(`settings = jsonb_build_object('a', repeat('x', 70000))`)).to.equal('23514')
    expect(await run(`status = 'archived', suspension_cause = null`)).to.equal(null)
    expect(await now()).to.deep.equal({
      ...{ 'never suspended': true, suspension_bills: null, suspension_reason: null, 'not archived': false },
    })
    expect(await run(`status = 'active'`)).to.equal(null)
    expect(await now()).to.include({ 'not archived': true })
    for (const status of ['archived', 'deleting']) expect(await run(`status = '${status}'`)).to.equal(null)
    expect(await run(`status = 'deleted'`), 'while its schema is there').to.equal('ERX02')
  })

  it('are told page by page, in the order in which they came', async () => {
    const tenant = await fresh()
    await suspend(tenant)
    await resume(tenant)
    const whole = await tenantHistory(ctx, tenant.id, { sort: 'at', limit: 50, cursor: null })
    expect(whole.items.map(({ from, to }) => `${from} ${to}`)).to.deep.equal([
      'null provisioning',
      'provisioning active',
      'active suspended',
      'suspended active',
    ])
    expect(whole.items[2]).to.deep.include({
      cause: 'operator',
      reason: 'late',
      operator: ctx.actor.operator,
    })
    const paged: unknown[] = []
    for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
      const page = await tenantHistory(ctx, tenant.subdomain, { sort: '-at', limit: 1, cursor })
      paged.push(...page.items)
      cursor = page.next_cursor
    }
    expect(paged.toReversed()).to.deep.equal(whole.items)
    const nobody = tenantHistory(ctx, 'nobody', { sort: 'at', limit: 5, cursor: null })
    expect(await rejection(nobody)).to.include({ code: 'tenant.not_found' })
  })
})
