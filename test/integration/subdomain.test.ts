/** Which subdomains are free: not reserved, not taken, not colliding in the name of their schema. */
import { expect } from 'chai'
import { execute, sql } from '../../src/database/sql.js'
import { checkSubdomain, malformation, requireUsable } from '../../src/tenants/subdomain.js'
import { rejection } from '../support/errors.js'
import { sharedContext } from '../support/server.js'
import { reservedTenant } from '../support/tenants.js'
import type { OpenedContext } from '../../src/context.js'

describe('the subdomain of a new tenant', () => {
  let ctx: OpenedContext

  before(async () => {
    ctx = await sharedContext()
    await reservedTenant(ctx, 'taken-name')
  })

  for (const name of [
    'www',
    'api',
    'admin',
    'mail',
    'public',
    'erpmax',
    'system',
    'support',
    'pg-x',
    'pg-catalog',
  ]) {
    it(`is not ${name}: reserved`, async () => {
      expect(await checkSubdomain(ctx, name)).to.deep.include({ available: false, reason: 'reserved' })
      expect(await rejection(requireUsable(ctx, name))).to.deep.include({
        kind: 'usage',
        code: 'tenant.subdomain_reserved',
      })
    })
  }

  for (const name of ['pgx', 'www3', 'apis', 'administer', 'pghost']) {
    it(`may be ${name}, which only resembles a reserved one`, async () => {
      expect(await checkSubdomain(ctx, name)).to.deep.include({ available: true, reason: 'free' })
    })
  }

  for (const name of ['jane_doe', 'Ünïcode', 'a'.repeat(57), "x'; drop table public.tenants; --", '-']) {
    it(`is not ${name.slice(0, 40)}: malformed, with alternatives that are none of it`, async () => {
      const check = await checkSubdomain(ctx, name)
      expect(check).to.deep.include({ available: false, reason: 'malformed' })
      for (const alternative of check.alternatives) {
        expect(malformation(alternative)).to.equal(null)
        expect(await checkSubdomain(ctx, alternative)).to.have.property('available', true)
      }
      expect(await rejection(requireUsable(ctx, name))).to.have.property('code', 'tenant.subdomain_malformed')
    })
  }

  it('is not one that is taken, and alternatives are offered that are free', async () => {
    const check = await checkSubdomain(ctx, 'taken-name')
    expect(check).to.deep.include({ available: false, reason: 'taken' })
    expect(check.alternatives).to.have.length(3)
    for (const alternative of check.alternatives) {
      expect(await checkSubdomain(ctx, alternative)).to.have.property('available', true)
    }
    expect(await requireUsable(ctx, 'taken-name')).to.equal('taken-name')
  })

  it('is not one whose schema another tenant has', async () => {
    const { id } = await reservedTenant(ctx, 'keeps-its-schema')
    await execute(ctx.db, sql`update public.tenants set subdomain = 'renamed-since' where id = ${id}`).catch(
      () => 0,
    )
    for (const name of ['keeps-its-schema', 'renamed-since']) {
      expect(await checkSubdomain(ctx, name), name).to.deep.include({ available: false, reason: 'taken' })
    }
  })

  it('is read without the space around it', async () => {
    expect(await checkSubdomain(ctx, ' acme ')).to.deep.include({ subdomain: 'acme', available: true })
  })
})
