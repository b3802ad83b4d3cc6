/** A tenant's life by the built program: exit codes, JSON, no terminal, 80 columns, and dry runs that write nothing. */
import { readdirSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { controlPlane, schemaContent } from '../support/dump.js'
import { Place } from '../support/place.js'
import type { Envelope, RunOptions } from '../support/cli.js'

const place = new Place()

async function json(args: string[], code = 0, options: RunOptions = {}): Promise<Envelope> {
  const ran = await place.here([...args, '--json'], options)
  expect(ran.code, `${args.join(' ')}: ${ran.stdout}${ran.stderr}`).to.equal(code)
  expect(ran.stderr, 'nothing but the document').to.equal('')
  return ran.json ?? { ok: false }
}

/** Active, with no schema but the mark that there is one: enough for what moves states alone. */
async function insertActive(subdomain: string): Promise<void> {
  await place.query(
    `with tenant as (
       insert into public.tenants (subdomain, status, name, legal_name, country_code, billing_email, time_zone, currency, language)
       values ($1, 'provisioning', $1, $1, 'US', 'bills@rows.test', 'UTC', 'USD', 'en') returning id)
     insert into public.tenant_placements (tenant_id, server_id, schema_name)
     select tenant.id, s.id, 'tenant_' || $1 from tenant, public.database_servers s`,
    [subdomain],
  )
  await place.query(`create schema tenant_${subdomain}`)
  await place.query(`update public.tenants set status = 'active' where subdomain = $1`, [subdomain])
}

describe('the life of a tenant by the built program', () => {
  before(async () => {
    expect((await place.create('acme')).code).to.equal(0)
    for (const name of ['rowa', 'rowb', 'rowc']) await insertActive(name)
  })
  after(() => place.remove())

  /** Everything: the control plane, the tenant's rows, the files of the home. */
  const everything = async (): Promise<unknown> => [
    [...(await controlPlane(place))].sort(),
    await schemaContent(place, 'tenant_acme'),
    readdirSync(place.home).sort(),
  ]

  const dryRuns = [
    ['update', 'acme', '--city', 'Pune', '--postal-code', '411001', '--set', 'a=1'],
    ['suspend', 'acme', '--reason', 'late'],
    ['archive', '--all', '--exclude', 'rowc'],
  ]
  it('dry runs write nothing, neither where they are refused', async () => {
    const before = await everything()
    for (const words of dryRuns) {
      const { data } = await json(['tenant', ...words, '--dry-run'])
      expect(data.dry_run, words.join(' ')).to.equal(true)
    }
    await json(['tenant', 'delete', 'acme', '--dry-run'], 6)
    await json(['tenant', 'update', 'acme', '--gstin', '27AAPFU0939F1ZW', '-n'], 2)
    expect(await everything()).to.deep.equal(before)
  })

  it('moderate and severe things need a confirmation where nobody can be asked', async () => {
    for (const words of [
      ['suspend', 'acme', '--reason', 'late'],
      ['archive', '--tenant', 'acme'],
      ['delete', 'acme', '--now'],
      ['delete', '--all'],
    ])
      expect((await json(['tenant', ...words], 2)).error?.code, words.join(' ')).to.equal(
        'usage.confirmation_missing',
      )
    const wrong = await json(['tenant', 'delete', 'acme', '--confirm', 'acne'], 8)
    expect(wrong.error?.code).to.equal('declined')
    expect((await json(['tenant', 'delete', '--all', '--confirm', '3'], 8)).error?.code).to.equal('declined')
    expect((await json(['tenant', 'suspend', 'acme'], 2)).error?.code).to.equal('usage')
    expect((await json(['tenant', 'suspend', 'nobody', '--reason', 'x', '--yes'], 5)).error?.code).to.equal(
      'tenant.not_found',
    )
    expect((await json(['tenant', 'delete', 'acme', '--confirm', 'acme'], 6)).error?.code).to.equal(
      'tenant.illegal_state',
    )
  })

  it('a suspended tenant has no jobs, can be shown and changed, and comes back', async () => {
    const { data } = await json(['tenant', 'suspend', 'acme', '--reason', 'chargeback', '--no-bill', '--yes'])
    expect(data).to.deep.include({ dry_run: false, changed: true, from: 'active' })
    expect(data.tenant).to.include({ status: 'suspended', suspension_bills: false })
    const refused = await json(['schema', 'provision', 'acme'], 6)
    expect(refused.error).to.deep.include({
      ...{ code: 'tenant.suspended', hint: 'erpmax tenant resume acme' },
      details: { status: 'suspended', cause: 'operator', reason: 'chargeback' },
    })
    const shown = (await json(['tenant', 'show', 'acme'])).data
    expect(shown.tenant).to.include({ status: 'suspended', suspension_reason: 'chargeback' })
    const updated = (await json(['tenant', 'update', 'acme', '--city', 'Pune', '--set', 'a=1'])).data
    expect(updated).to.deep.include({ changed: true, after: { city: 'Pune', settings: { a: 1 } } })
    const hint = refused.error?.hint?.replace('erpmax ', '').split(' ') ?? []
    expect((await json(hint)).data.tenant.status).to.equal('active')
    expect((await json(hint)).data).to.include({ changed: false })
  })

  it('changes the currency of a subscribed tenant by the command that the refusal names', async () => {
    const wanted = ['tenant', 'update', 'acme', '--currency', 'USD', '--gst-treatment', 'sez']
    const { error } = await json(wanted, 6)
    expect(error?.code).to.equal('tenant.currency_in_use')
    await json(error?.hint?.split(' ').slice(1) ?? [])
    expect((await json(wanted)).data.after).to.deep.equal({ currency: 'USD', gst_treatment: 'sez' })
    const again = (await json(['subscription', 'start', 'acme', '--modules', 'crm'])).data.subscription
    expect(again).to.include({ currency: 'USD', tier: 'STARTER' })
  })

  it('several at once: an outcome each, one refused stops no other, and the audit log has the run', async () => {
    const file = path.join(place.home, 'names.txt')
    await writeFile(file, 'rowa\nrowb # the second\n\nrowc\n')
    await json(['tenant', 'archive', 'rowb', '--no-backup', '--yes'])
    const words = ['tenant', 'suspend', '--from-file', file, '--reason', 'all', '--confirm', '3']
    const { ok, data } = await json(words, 3)
    expect(ok).to.equal(true)
    expect(data).to.deep.include({ succeeded: 2, failed: 1, next_cursor: null })
    expect(
      data.items.map((item: { tenant: string; ok: boolean }) => `${item.tenant} ${item.ok}`),
    ).to.deep.equal(['rowa true', 'rowb false', 'rowc true'])
    expect(data.items[1].error).to.include({
      code: 'tenant.illegal_state',
      hint: 'erpmax tenant unarchive rowb',
    })
    const log = (await json(['audit', 'list', '--action', 'tenant.suspend', '--since', '1h'])).data.items
    const told = log.map((row: { subject: string; outcome: string }) => `${row.subject} ${row.outcome}`)
    expect(told).to.include.members(['3 tenants failed', 'rowa succeeded', 'rowb refused', 'rowc succeeded'])
    const resumed = await json(['tenant', 'resume', '--status', 'suspended', '--yes'])
    expect(resumed.data).to.include({ succeeded: 2, failed: 0 })
  })

  it('archived with an export, deleted after thirty days, and on record still', async () => {
    const archived = (await json(['tenant', 'archive', 'acme', '--yes', '--reason', 'left'])).data
    expect(archived.tenant).to.include({ status: 'archived' })
    const { file, sha256 } = archived.backup
    expect(path.dirname(file as string)).to.equal(path.join(place.home, 'backups'))
    expect(statSync(file as string).mode & 0o777).to.equal(0o600)
    expect((await json(['tenant', 'archive', 'acme', '--yes'])).data).to.include({
      changed: false,
      backup: null,
    })
    const early = await json(['tenant', 'delete', 'acme', '--confirm', 'acme'], 6)
    expect(early.error).to.deep.include({ code: 'tenant.deletion_too_early' })
    const day = String(early.error?.details.deletable_on)
    const later = { env: { ERPMAX_NOW: `${day}T12:00:00Z` } }
    const before = await everything()
    const plan = (await json(['tenant', 'delete', 'acme', '-n'], 0, later)).data
    expect(await everything()).to.deep.equal(before)
    const { data } = await json(['tenant', 'delete', 'acme', '--confirm', 'acme'], 0, later)
    expect(data.deletion).to.deep.include({ tables_dropped: 237, users_deleted: 1, export_sha256: sha256 })
    expect({ ...plan, deletion: { ...plan.deletion, deleted_at: '' }, dry_run: false }).to.deep.equal({
      ...data,
      deletion: { ...data.deletion, deleted_at: '' },
    })
    expect((await json(['tenant', 'delete', data.tenant.id as string])).data).to.include({ changed: false })
    const history = (await json(['tenant', 'history', data.tenant.id as string, '--sort', 'at'])).data.items
    expect(history.map(({ to }: { to: string }) => to)).to.deep.equal([
      ...['provisioning', 'active', 'suspended', 'active', 'archived', 'deleting', 'deleted'],
    ])
    expect((await json(['tenant', 'resume', 'acme'], 6)).error?.code).to.equal('tenant.deleted')
    expect((await json(['tenant', 'check', 'acme'])).data.check.available).to.equal(true)
    const again = ['tenant', 'delete', '--tenant', 'acme', '--tenant', 'rowb', '--now', '--confirm', '2']
    expect((await json(again)).data).to.include({ succeeded: 2 })
    expect((await json(again)).data).to.include({ succeeded: 2 })
  })

  it('fits 80 columns', async () => {
    const long =
      'because of a very long story that nobody wants to hear in full, and which goes on for a while yet'
    for (const args of [
      ['tenant', 'update', 'rowa', '--legal-name', long, '--set', `motto=${long}`],
      ['tenant', 'suspend', 'rowa', '--reason', long, '--yes'],
      ['tenant', 'show', 'rowa'],
      ['tenant', 'history', 'rowa'],
      ['tenant', 'archive', 'rowa', '--yes', '--no-backup'],
      ['tenant', 'delete', 'rowa', '--now', '--confirm', 'rowa'],
      ['tenant', 'show', 'rowa'],
    ]) {
      const { stdout, code, stderr } = await place.run(args, { env: { COLUMNS: '80' } })
      expect(code, stderr).to.equal(0)
      for (const line of stdout.split('\n'))
        expect(line.length, `${args.join(' ')}: ${line}`).to.be.at.most(80)
    }
  })
})
