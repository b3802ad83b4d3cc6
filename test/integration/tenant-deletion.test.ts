/** What a deletion takes and what it leaves, when it is allowed, and that the name is free for somebody else. */
import { expect } from 'chai'
import { execute, identifier, oneRow, rows, sql } from '../../src/database/sql.js'
import { schemaExists } from '../../src/schemas/look.js'
import { putAway } from '../../src/tenants/archive.js'
import { findKnownTenant, findTenant, type PlacedTenant } from '../../src/tenants/find.js'
import { selectKnownTenants, selectTenants } from '../../src/views/tenant-selection.js'
import { tenantHistory } from '../../src/views/tenant-history.js'
import { showTenant } from '../../src/views/tenant.js'
import { listTenants } from '../../src/views/tenants.js'
import { deleteTenant, type DeletedTenant } from '../../src/workflows/delete-tenant.js'
import { atInstant } from '../support/clock.js'
import { rejection } from '../support/errors.js'
import { finished } from '../support/schemas.js'
import { sharedContext } from '../support/server.js'
import { activeTenant, reservedTenant, subscribe } from '../support/tenants.js'
import type { OpenedContext } from '../../src/context.js'

const archivedAt = '2026-01-31T10:00:00Z'

describe('deleting a tenant', () => {
  let ctx: OpenedContext

  before(async () => {
    ctx = await sharedContext()
  })

  const at = (time: string): OpenedContext => atInstant(ctx, time)

  async function archived(subdomain: string): Promise<PlacedTenant> {
    const tenant = await activeTenant(ctx, subdomain)
    await putAway(at(archivedAt), tenant, { reason: null, dryRun: false })
    return findTenant(ctx, subdomain)
  }

  const remove = async (
    name: string,
    { now = true, dryRun = false, when = '2026-06-01T00:00:00Z' } = {},
  ): Promise<DeletedTenant> => {
    const known = await findKnownTenant(ctx, name)
    return finished(deleteTenant(at(when), known, { now, reason: 'asked for it', dryRun }))
  }

  async function member(
    tenant: { id: string },
    email: string,
    status: 'active' | 'removed' = 'active',
    role = 'user',
  ): Promise<string> {
    await execute(
      ctx.db,
      sql`insert into public.users (email, full_name, status, password_hash) values (${email}, 'A Person', 'active', 'hash')
          on conflict (lower(email)) do nothing`,
    )
    const { id } = await oneRow<{ id: string }>(
      ctx.db,
      sql`insert into public.memberships (user_id, tenant_id, role_id, status)
          select u.id, ${tenant.id}, r.id, 'active' from public.users u, public.roles r
          where u.email = ${email} and r.code = ${role} and (r.tenant_id is null or r.tenant_id = ${tenant.id}) returning user_id as id`,
    )
    if (status === 'removed')
      await execute(
        ctx.db,
        sql`update public.memberships set status = 'removed' where user_id = ${id} and tenant_id = ${tenant.id}`,
      )
    return id
  }

  it('waits thirty days, counted where the tenant is, unless it is to be now', async () => {
    await archived('patient')
    for (const when of ['2026-02-01T00:00:00Z', '2026-03-01T18:29:59Z']) {
      const error = await rejection(remove('patient', { now: false, when }))
      expect(error, when).to.deep.include({
        ...{ kind: 'conflict', code: 'tenant.deletion_too_early' },
        ...{ hint: 'erpmax tenant delete patient --now --confirm patient' },
        details: { status: 'archived', archived_at: '2026-01-31T10:00:00.000Z', deletable_on: '2026-03-02' },
      })
    }
    expect((await findTenant(ctx, 'patient')).status).to.equal('archived')
    const plan = await remove('patient', { now: false, dryRun: true, when: '2026-03-01T18:30:00Z' })
    expect(plan).to.deep.include({ dry_run: true, changed: true })
    expect((await remove('patient', { now: false, when: '2026-03-01T18:30:00Z' })).changed).to.equal(true)
  })

  it('is for archived and failed tenants alone, with --now too', async () => {
    const tenant = await activeTenant(ctx, 'busy-one')
    const code = 'tenant.illegal_state'
    expect(await rejection(remove('busy-one'))).to.deep.include({
      ...{ kind: 'conflict', code, hint: 'erpmax tenant archive busy-one', details: { status: 'active' } },
    })
    await reservedTenant(ctx, 'half-made')
    expect(await rejection(remove('half-made'))).to.include({ code })
    await execute(ctx.db, sql`update public.tenants set status = 'failed' where subdomain = 'half-made'`)
    expect((await remove('half-made', { now: false })).deletion).to.include({ tables_dropped: 0 })
    expect(await schemaExists(ctx, tenant.schema)).to.equal(true)
  })

  it('takes schema, people and particulars, and keeps history, subscription, audit and the record', async () => {
    const tenant = await archived('leaver')
    const other = await activeTenant(ctx, 'stayer')
    await execute(
      ctx.db,
      sql`insert into public.roles (tenant_id, code, name) values (${tenant.id}, 'clerk', 'Clerk of leaver')`,
    )
    const alone = await member(tenant, 'alone@leaver.test', 'active', 'clerk')
    const shared = await member(tenant, 'shared@leaver.test')
    await member(other, 'shared@leaver.test')
    const former = await member(tenant, 'former@leaver.test')
    await member(other, 'former@leaver.test', 'removed')
    const stranger = await member(other, 'stranger@stayer.test')
    await execute(
      ctx.db,
      sql`insert into public.invitations (tenant_id, user_id, role_id, token_hash, status, expires_at)
          select ${tenant.id}, ${alone}, r.id, sha256('x'), 'pending', now() + interval '1 day' from public.roles r where r.code = 'owner'`,
    )
    await subscribe(ctx, tenant.id, { modules: ['finance'], startedOn: '2026-01-01' })
    await execute(
      ctx.db,
      sql`insert into public.jobs (kind, tenant_id, subject, status, input, input_hash, error, finished_at)
          values ('tenant.create', ${tenant.id}, 'leaver', 'queued', '{"admin": {"email": "alone@leaver.test"}}', '', '{"code": "x", "message": "alone@leaver.test"}', null)`,
    )
    await execute(
      ctx.db,
      sql`insert into public.outbox (topic, key, tenant_id, payload)
          values ('tenant.created', ${tenant.id}, ${tenant.id}, '{"subdomain": "leaver", "admin_email": "alone@leaver.test"}')`,
    )
    // A table of a later day: whatever belongs to a tenant goes with it, unless it is known to stay.
    await ctx.db.raw(
      'create table public.notes (of uuid references public.tenants (id) on delete cascade, note text)',
    )
    await execute(
      ctx.db,
      sql`insert into public.notes values (${tenant.id}, 'alone@leaver.test'), (${other.id}, 'stays')`,
    )
    await execute(
      ctx.db,
      sql`update public.tenants set settings = '{"a": 1}', city = 'Leavertown', gstin = '27AAPFU0939F1ZV', gst_state_code = '27' where id = ${tenant.id}`,
    )

    const plan = await remove('leaver', { dryRun: true })
    const done = await remove('leaver')
    expect(done).to.deep.include({ dry_run: false, changed: true })
    const record = {
      ...{
        operator: ctx.actor.operator,
        reason: 'asked for it',
        subdomain: 'leaver',
        schema_name: 'tenant_leaver',
      },
      ...{
        tables_dropped: 1,
        memberships_removed: 3,
        users_deleted: 1,
        users_anonymised: 1,
        export_sha256: null,
      },
    }
    expect(done.deletion).to.deep.include(record)
    expect(plan.deletion).to.deep.include(record)
    expect(await remove(tenant.id)).to.deep.equal({ ...done, changed: false })

    expect(await schemaExists(ctx, tenant.schema)).to.equal(false)
    expect(await rows(ctx.db, sql`select note from public.notes`)).to.deep.equal([{ note: 'stays' }])
    await ctx.db.raw('drop table public.notes')
    const people = await rows<{ id: string }>(
      ctx.db,
      sql`select id, email, full_name, status, password_hash from public.users
          where id = any(${[alone, shared, former, stranger]}::uuid[]) order by email`,
    )
    expect(people).to.deep.equal([
      {
        ...{ id: former, email: `deleted-${former}@erpmax.invalid`, full_name: 'Deleted user' },
        ...{ status: 'disabled', password_hash: null },
      },
      {
        ...{ id: shared, email: 'shared@leaver.test', full_name: 'A Person' },
        ...{ status: 'active', password_hash: 'hash' },
      },
      {
        ...{ id: stranger, email: 'stranger@stayer.test', full_name: 'A Person' },
        ...{ status: 'active', password_hash: 'hash' },
      },
    ])
    const left = await oneRow<Record<string, unknown>>(
      ctx.db,
      sql`select (select count(*)::int from public.memberships where tenant_id = ${tenant.id}) as memberships,
                 (select count(*)::int from public.memberships where tenant_id = ${other.id}) as "of the other",
                 (select count(*)::int from public.invitations where tenant_id = ${tenant.id}) as invitations,
                 (select count(*)::int from public.roles where tenant_id = ${tenant.id}) as roles,
                 (select count(*)::int from public.tenant_placements where tenant_id = ${tenant.id}) as placements,
                 (select string_agg(status || ' ' || cancel_on, ',') from public.subscriptions where tenant_id = ${tenant.id}) as subscription,
                 (select string_agg(i.product_code || ' ' || i.active, ', ' order by i.product_code) from public.subscription_items i
                   join public.subscriptions s on s.id = i.subscription_id where s.tenant_id = ${tenant.id}) as items,
                 (select string_agg(c.kind || ' ' || c.status, ', ' order by c.created_at) from public.subscription_changes c
                   join public.subscriptions s on s.id = c.subscription_id where s.tenant_id = ${tenant.id}) as changes,
                 (select string_agg(kind || ' ' || status || ' ' || input::text, ', ' order by created_at) from public.jobs
                   where tenant_id = ${tenant.id} and kind = 'tenant.create') as job,
                 (select string_agg(topic, ',' order by topic) from public.outbox where tenant_id = ${tenant.id}) as events,
                 (select count(*)::int from public.audit_log where tenant_id = ${tenant.id} and action = 'tenant.delete') as audited`,
    )
    expect(left).to.deep.equal({
      ...{ memberships: 0, 'of the other': 3, invitations: 0, roles: 0, placements: 0 },
      subscription: 'cancelled 2026-06-01',
      items: ['STARTER', 'finance', 'system_admin']
        .map((code) => `${code} [2026-01-01,2026-06-01)`)
        .join(', '),
      changes: 'start applied, cancel applied',
      job: 'tenant.create cancelled {}',
      events: 'subscription.cancelled,tenant.archived,tenant.created,tenant.deleted',
      audited: 1,
    })
    const everywhere = await rows<{ name: string }>(
      ctx.db,
      sql`select relname as name from pg_catalog.pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'audit_log'`,
    )
    for (const { name } of everywhere) {
      const text = await rows<{ line: string }>(
        ctx.db,
        sql`select to_jsonb(t)::text as line from public.${identifier(name)} t`,
      )
      const told = text.filter(({ line }) =>
        /alone@|former@|Leavertown|27AAPFU0939F1ZV|Company leaver/.test(line),
      )
      expect(told, name).to.deep.equal([])
    }
  })

  it('takes the ways in with it: owners, sessions, links, sites and keys, and the mails about accounts', async () => {
    const tenant = await archived('way-in')
    const [other, third] = [await activeTenant(ctx, 'way-other'), await activeTenant(ctx, 'way-third')]
    await member(tenant, 'boss@way-in.test', 'active', 'owner')
    const stays = await member(tenant, 'stays@way-in.test')
    await execute(ctx.db, sql`update public.memberships set is_default = true where user_id = ${stays}`)
    for (const place of [other, third]) await member(place, 'stays@way-in.test')
    const former = await member(tenant, 'former@way-in.test')
    await member(other, 'former@way-in.test', 'removed')
    const { sessions, site } = await oneRow<{ sessions: string; site: string }>(
      ctx.db,
      sql`with s as (insert into public.sessions (user_id, tenant_id, started_at, refreshed_at, expires_at)
                     select ${former}::uuid, t.id, now(), now(), now() + interval '7 days' from public.tenants t
                     where t.id in (${tenant.id}, ${other.id}) returning id),
               site as (insert into public.sso_sites (tenant_id, origin, operator, created_at, updated_at)
                        values (${tenant.id}, 'https://way-in.example.test', 'x', now(), now()) returning id)
          select string_agg(s.id::text, ',') as sessions, (select id from site) as site from s`,
    )
    expect(sessions.split(',')).to.have.length(2)
    await execute(
      ctx.db,
      sql`with r as (insert into public.password_resets (user_id, token_hash, status, expires_at)
                     values (${former}, sha256('way-in'), 'pending', now() + interval '1 hour')),
               k as (insert into public.api_keys (tenant_id, name, prefix, key_hash, scopes, created_by, created_at, expires_at)
                     values (${tenant.id}, 'k', 'erpmax_0123abcd', sha256('k'), '{crm:read}', 'x', now(), now() + interval '1 day')),
               m as (insert into public.mails (kind, dedupe_key, to_address, language, data, secrets, message_id, status)
                     select 'reset', e, e, 'en', '{}', '{"url": "x"}', '<' || e || '>', 'queued'
                     from unnest(array['former@way-in.test', 'boss@way-in.test', 'stays@way-in.test']) e)
          insert into public.sso_tokens (token_hash, tenant_id, user_id, site_id, redirect, issued_at, expires_at)
          values (sha256('t'), ${tenant.id}, ${stays}, ${site}, '/', now(), now() + interval '60 seconds')`,
    )
    const plan = await remove('way-in', { dryRun: true })
    const done = await remove('way-in')
    const forgotten = { memberships_removed: 3, users_deleted: 1, users_anonymised: 1 }
    expect(plan.deletion).to.include(forgotten)
    expect(done.deletion).to.include(forgotten)
    const left = await oneRow<Record<string, unknown>>(
      ctx.db,
      sql`select (select string_agg(status || ' ' || end_reason, ',') from public.sessions where user_id = ${former}) as sessions,
                 (select count(*)::int from public.password_resets where user_id = ${former}) as resets,
                 (select count(*)::int from public.sso_sites where origin like '%way-in%') as sites,
                 (select count(*)::int from public.sso_tokens where user_id = ${stays}) as tokens,
                 (select count(*)::int from public.api_keys where prefix = 'erpmax_0123abcd') as keys,
                 (select string_agg(to_address, ',') from public.mails where to_address like '%@way-in.test') as mails,
                 (select t.subdomain from public.memberships m join public.tenants t on t.id = m.tenant_id
                   where m.user_id = ${stays} and m.is_default) as "default"`,
    )
    expect(left).to.deep.equal({
      ...{ sessions: 'ended forgotten', resets: 0, sites: 0, tokens: 0, keys: 0 },
      ...{ mails: 'stays@way-in.test', default: 'way-other' },
    })
  })

  it('forgets who belongs to two tenants that are deleted at once', async () => {
    const names = ['twin-a', 'twin-b', 'twin-c']
    const twins = await Promise.all(names.map((name) => archived(name)))
    for (const twin of twins) await member(twin, 'both@twins.test')
    const done = await Promise.all(names.map((name) => remove(name)))
    expect(done.map(({ deletion }) => deletion?.users_deleted).sort()).to.deep.equal([0, 0, 1])
    expect(await rows(ctx.db, sql`select 1 from public.users where email = 'both@twins.test'`)).to.deep.equal(
      [],
    )
  })

  it('is done by one where several begin it', async () => {
    await archived('contested')
    const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => remove('contested')))
    const codes = outcomes.map((outcome) =>
      outcome.status === 'fulfilled' ? outcome.value.changed : (outcome.reason as { code: string }).code,
    )
    expect(codes.filter((code) => code === true)).to.have.length(1)
    for (const code of codes) expect(code).to.be.oneOf([true, false, 'job.busy'])
    const { tenant, items } = await tenantHistory(ctx, 'contested', { sort: 'at', limit: 50, cursor: null })
    expect(items.map(({ to }) => to).slice(-3)).to.deep.equal(['archived', 'deleting', 'deleted'])
    const jobs = await rows(ctx.db, sql`select status from public.jobs where tenant_id = ${tenant.id}`)
    expect(jobs).to.deep.equal([{ status: 'succeeded' }])
  })

  it('takes what providers told of its payers, and leaves that they told something', async () => {
    const { id } = await archived('paid-by')
    await execute(
      ctx.db,
      sql`insert into public.webhook_events (provider, event_id, type, body, tenant_id)
          values ('stripe', 'evt_payers', 'payment_intent.succeeded', ${Buffer.from('{"email":"p@acme.test"}')}, ${id})`,
    )
    await execute(
      ctx.db,
      sql`update public.webhook_events set status = 'processed', outcome = 'payment.booked', settled_at = now()
          where event_id = 'evt_payers'`,
    )
    await remove('paid-by')
    const event = await oneRow<{ body: Buffer; outcome: string; tenant_id: string }>(
      ctx.db,
      sql`delete from public.webhook_events where event_id = 'evt_payers' returning body, outcome, tenant_id`,
    )
    expect({ ...event, body: event.body.toString() }).to.deep.equal({
      ...{ body: '{}', outcome: 'payment.booked', tenant_id: id },
    })
  })

  it('leaves another job its tenant, and ends one that nobody works at any more', async () => {
    const { id } = await archived('worked-at')
    const holder = { ...ctx.processes.self, host: 'far away' }
    const hold = (until: string): Promise<number> =>
      execute(
        ctx.db,
        sql`update public.jobs set lease_until = now() + ${until}::interval where tenant_id = ${id}`,
      )
    await execute(
      ctx.db,
      sql`insert into public.jobs (kind, tenant_id, subject, status, input_hash) values ('tenant.export', ${id}, 'worked-at', 'queued', '')`,
    )
    await execute(
      ctx.db,
      sql`update public.jobs set status = 'running', holder = ${JSON.stringify(holder)}, lease_until = now() where tenant_id = ${id}`,
    )
    await hold('1 minute')
    expect(await rejection(remove('worked-at'))).to.include({ kind: 'busy', code: 'job.busy' })
    expect((await findTenant(ctx, 'worked-at')).status).to.equal('archived')
    await hold('-1 minute')
    expect((await remove('worked-at')).changed).to.equal(true)
    const jobs = await rows(
      ctx.db,
      sql`select kind, status from public.jobs where tenant_id = ${id} order by kind`,
    )
    expect(jobs).to.deep.equal([
      { kind: 'tenant.delete', status: 'succeeded' },
      { kind: 'tenant.export', status: 'failed' },
    ])
  })

  it('frees the name, and nobody takes the new tenant for the old one', async () => {
    const old = await archived('phoenix')
    await remove('phoenix')
    expect(await rejection(findTenant(ctx, 'phoenix'))).to.include({ code: 'tenant.deleted' })
    const young = await activeTenant(ctx, 'phoenix')
    expect(young.schema).to.equal(old.schema)
    expect((await findTenant(ctx, 'phoenix')).id).to.equal(young.id)
    const shown = await showTenant(ctx, old.id)
    expect(shown.tenant).to.deep.include({ status: 'deleted', schema: old.schema, name: 'Deleted tenant' })
    expect(shown.tenant.deletion).to.include({ subdomain: 'phoenix' })
    expect(shown.schema).to.include({ state: 'absent', table_count: 0 })
    expect((await tenantHistory(ctx, old.id, { sort: '-at', limit: 1, cursor: null })).items[0]?.to).to.equal(
      'deleted',
    )
    expect(await rejection(findTenant(ctx, old.id))).to.include({ kind: 'conflict', code: 'tenant.deleted' })
    await putAway(ctx, young, { reason: null, dryRun: false })
    expect((await remove('phoenix')).tenant.id).to.equal(young.id)
    expect((await findKnownTenant(ctx, 'phoenix')).id, 'the last of the name').to.equal(young.id)
    const records = await rows(ctx.db, sql`select 1 from public.tenant_deletions where subdomain = 'phoenix'`)
    expect(records).to.have.length(2)
    const change = execute(ctx.db, sql`delete from public.tenant_deletions where tenant_id = ${old.id}`)
    expect(await rejection(change)).to.include({ code: 'ERX02' })
  })

  it('finds deleted tenants by name where they are deleted again, and nowhere else', async () => {
    const choose = { named: ['phoenix', 'stayer'], status: [], tier: [], module: [], exclude: [] }
    const found = await selectKnownTenants(ctx, choose)
    expect(found.map(({ subdomain, status }) => `${subdomain} ${status}`)).to.deep.equal([
      'phoenix deleted',
      'stayer active',
    ])
    expect(await rejection(selectTenants(ctx, choose))).to.include({ code: 'tenant.not_found' })
    const all = await selectKnownTenants(ctx, { ...choose, named: null })
    expect(all.filter(({ status }) => status === 'deleted')).to.deep.equal([])
    const list = await listTenants(
      ctx,
      { status: ['deleted'], tier: [], module: [], search: 'phoenix' },
      { sort: 'subdomain', limit: 50, cursor: null },
    )
    expect(list.items.map(({ schema }) => schema)).to.deep.equal(['tenant_phoenix', 'tenant_phoenix'])
  })
})
