/** The gate as a matrix: what a tenant may do in each of its nine states. */
import { expect } from 'chai'
import { execute, rows, sql } from '../../src/database/sql.js'
import { ErpmaxError } from '../../src/kernel/errors.js'
import {
  assertTenantMay,
  refusals,
  stateAllows,
  tenantActions,
  type TenantAction,
} from '../../src/subscriptions/gate.js'
import { sharedContext } from '../support/server.js'
import { reservedTenant } from '../support/tenants.js'
import type { OpenedContext } from '../../src/context.js'
import type { TenantId } from '../../src/kernel/ids.js'

/** `x`: it may. In the order show, pay, export, restore, update, subscribe, work, sign_in, repair, drop. */
const matrix: Record<string, string> = {
  pending: /*      */ 'x.........',
  provisioning: /* */ 'x.......x.',
  active: /*       */ 'xxxxxxxxx.',
  suspended: /*    */ 'xxxxx.....',
  archived: /*     */ 'xxxx.....x',
  restoring: /*    */ 'x.........',
  failed: /*       */ 'x..x....xx',
  deleting: /*     */ 'x........x',
  deleted: /*      */ 'x.........',
}

/** By legal moves from `provisioning`, in which a tenant is reserved. */
const ways: Record<string, string[]> = {
  provisioning: [],
  active: ['active'],
  suspended: ['active', 'suspended'],
  archived: ['active', 'archived'],
  restoring: ['active', 'restoring'],
  failed: ['failed'],
  deleting: ['failed', 'deleting'],
  deleted: ['failed', 'deleting', 'deleted'],
}

const codes: Record<string, string> = { suspended: 'tenant.suspended', archived: 'tenant.archived' }

describe('the gate', () => {
  let ctx: OpenedContext
  const ids = new Map<string, TenantId>()

  before(async () => {
    ctx = await sharedContext()
    for (const [state, moves] of Object.entries(ways)) {
      const { id } = await reservedTenant(ctx, `gate-${state}`)
      for (const to of moves) {
        await execute(
          ctx.db,
          sql`update public.tenants set status = ${to}, suspension_cause = ${to === 'suspended' ? 'operator' : null},
                     suspension_reason = ${to === 'suspended' ? 'unpaid' : null} where id = ${id}`,
        )
      }
      ids.set(state, id)
    }
    const [pending] = await rows<{ id: TenantId }>(
      ctx.db,
      sql`insert into public.tenants (subdomain, status, name, legal_name, country_code, billing_email, time_zone, currency, language)
          values ('gate-pending', 'pending', 'P', 'P', 'US', 'a@b.test', 'UTC', 'USD', 'en') returning id`,
    )
    if (pending) ids.set('pending', pending.id)
  })

  it('knows the states of the database and no others', async () => {
    const states = await rows<{ state: string }>(
      ctx.db,
      sql`select distinct to_state as state from public.state_moves where thing = 'tenant' order by 1`,
    )
    expect(states.map(({ state }) => state)).to.deep.equal(Object.keys(matrix).sort())
    expect([...ids.keys()].sort()).to.deep.equal(Object.keys(matrix).sort())
    expect(tenantActions).to.have.length(matrix.active?.length ?? 0)
  })

  for (const [state, row] of Object.entries(matrix)) {
    it(`of a tenant that is ${state}`, async () => {
      const id = ids.get(state)
      if (!id) throw new Error(state)
      const found: string[] = []
      for (const action of tenantActions) {
        const refusal = await refusalOf(ctx, id, action)
        if (refusal) {
          expect(refusal).to.include({ kind: 'conflict', code: codes[state] ?? 'tenant.not_active' })
          expect(refusal.details).to.deep.include({ status: state })
        }
        expect(stateAllows(state, action), action).to.equal(refusal === null)
        found.push(refusal ? '.' : 'x')
      }
      expect(found.join('')).to.equal(row)
    })
  }

  it('says who suspended it and why', async () => {
    const refusal = await refusalOf(ctx, ids.get('suspended') as TenantId, 'work')
    expect(refusal?.details).to.deep.equal({ status: 'suspended', cause: 'operator', reason: 'unpaid' })
    expect(refusal?.hint).to.equal('erpmax tenant resume gate-suspended')
  })

  it('judges many at once in the same way', async () => {
    const judged = await refusals(ctx, [...ids.values()], 'work')
    const let_through = [...ids].filter(([, id]) => judged.get(id) === null).map(([state]) => state)
    expect(let_through).to.deep.equal(['active'])
    expect(judged.size).to.equal(ids.size)
  })

  it('holds the state until the transaction ends', async () => {
    const { id } = await reservedTenant(ctx, 'gate-held')
    await execute(ctx.db, sql`update public.tenants set status = 'active' where id = ${id}`)
    await ctx.db.transaction(async (db) => {
      await assertTenantMay({ db }, { id }, 'work')
      const moved = ctx.db.transaction(async (other) => {
        await rows(other, sql`set local lock_timeout = '200ms'`)
        await execute(other, sql`update public.tenants set status = 'archived' where id = ${id}`)
      })
      expect(await moved.catch((error: { code: string }) => error.code)).to.equal('55P03')
    })
  })
})

async function refusalOf(
  ctx: OpenedContext,
  id: TenantId,
  action: TenantAction,
): Promise<ErpmaxError | null> {
  try {
    await assertTenantMay(ctx, { id }, action)
    return null
  } catch (error) {
    if (error instanceof ErpmaxError) return error
    throw error
  }
}
