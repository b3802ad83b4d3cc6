/** Backups by the built program: files, exit codes, no terminal, dry runs; a whole installation into a fresh home and onto itself. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { startJob } from '../../src/operations/jobs.js'
import { schemas } from '../support/backed-up.js'
import { blocksIn, headerBytes, withDocument } from '../support/backup-layout.js'
import { fillStatements } from '../support/backup-rows.js'
import { controlPlane, schemaContent } from '../support/dump.js'
import { Place } from '../support/place.js'
import { openThrowAway, throwAwayFolder } from '../support/server.js'
import type { Envelope } from '../support/cli.js'

/** What a restore writes of itself, and what a cluster says of itself. */
const ownRecords = [
  ...['jobs', 'job_steps', 'audit_log', 'backups', 'database_servers', 'knex_migrations'],
  // Those in use come back when a machine signs with them.
  'signing_keys',
  // Those that were ended after the backup stay so.
  ...['api_keys', 'sso_sites', 'sso_site_keys', 'invitations'],
]

describe('backups by the built program', () => {
  const place = new Place()
  const fresh = new Place(throwAwayFolder())
  const tenantFile = path.join(place.home, 'acme.erpmax-backup')
  const file = path.join(place.home, 'all.erpmax-backup')
  const altered = path.join(place.home, 'altered.erpmax-backup')
  let content: Record<string, unknown>
  let rows: string[]

  async function json(words: string, code = 0, where = place): Promise<Envelope> {
    const ran = await where.here([...words.split(' '), '--json'])
    expect(ran.code, `${words}: ${ran.stdout}${ran.stderr}`).to.equal(code)
    expect(ran.stderr, 'nothing but the document').to.equal('')
    return ran.json ?? { ok: false }
  }

  const contentOf = async (where: Place): Promise<Record<'acme' | 'twin', Record<string, string>>> => ({
    acme: await schemaContent(where, 'tenant_acme'),
    twin: await schemaContent(where, 'tenant_acme_twin'),
  })
  const rowsOf = async (where: Place): Promise<string[]> =>
    [...(await controlPlane(where, ownRecords))].sort()
  const expectRows = async (where: Place): Promise<void> => {
    const [now, then] = [new Set(await rowsOf(where)), new Set(rows)]
    expect(
      [...now].filter((line) => !then.has(line)),
      'rows there were not',
    ).to.deep.equal([])
    expect(
      [...then].filter((line) => !now.has(line)),
      'rows there were',
    ).to.deep.equal([])
  }
  const everything = async (where: Place): Promise<unknown> => [
    ...[await rowsOf(where), await contentOf(where), await schemas(where)],
    [...(await controlPlane(where))].filter((line) => !line.startsWith('audit_log ')).sort(),
    readdirSync(where.home),
  ]

  before(async () => {
    expect((await place.create('acme')).code).to.equal(0)
    await place.query(`set search_path = tenant_acme; ${fillStatements(25).join('; ')}`)
  })
  after(async () => {
    await place.remove()
    await fresh.remove()
  })

  it('of a tenant: a file of its own, listed, verified, and made a new tenant of', async () => {
    const { backup } = (await json(`backup create acme --output ${tenantFile}`)).data
    expect(backup).to.include({ tenant: 'acme', file: tenantFile, tables: 237, purpose: 'manual' })
    expect(statSync(tenantFile).mode & 0o777).to.equal(0o600)
    expect((await json(`backup create acme --output ${tenantFile}`, 6)).error?.code).to.equal(
      'backup.file_exists',
    )
    expect((await json('backup create acme --output -', 2)).error?.code).to.equal('backup.output_invalid')
    expect((await json('backup create acme --output /nowhere/at/all', 1)).error?.code).to.equal(
      'backup.unwritable',
    )
    expect(readdirSync(place.home).filter((name) => name.includes('partial'))).to.deep.equal([])
    const { items } = (await json('backup list acme')).data
    expect(items).to.have.length(1)
    expect(items[0]).to.include({ file: tenantFile, sha256: backup.sha256, file_state: 'present' })
    const verdict = (await json(`backup verify ${tenantFile}`)).data.backup
    expect(verdict).to.include({ ok: true, sha256: backup.sha256, bytes: backup.bytes, rows: backup.rows })

    const { data } = await json(`backup restore ${tenantFile} --as acme-twin`)
    expect(data).to.include({ created: true, dry_run: false })
    expect(data.invitations).to.have.length(1)
    const { acme, twin } = await contentOf(place)
    // Its people are invited anew, in its ERP too.
    expect(twin.users).to.not.equal(acme.users)
    expect({ ...twin, users: acme.users }).to.deep.equal(acme)
    expect((await json(`backup restore ${tenantFile} --as acme-twin`, 6)).error?.code).to.equal(
      'tenant.subdomain_taken',
    )
  })

  it('in the default folder they are nobody else’s to read either', async () => {
    const { backup } = (await json('backup create acme')).data
    expect(path.dirname(backup.file as string)).to.equal(path.join(place.home, 'backups'))
    expect(statSync(backup.file as string).mode & 0o777).to.equal(0o600)
    expect(statSync(path.join(place.home, 'backups')).mode & 0o777).to.equal(0o700)
  })

  it('a damaged one is said to be so with its place, by exit code 1', async () => {
    const whole = readFileSync(tenantFile)
    const block = blocksIn(whole).findLast(({ kind }) => kind === 'DATA')
    const offset = (block?.offset ?? 0) + headerBytes
    whole[offset] = (whole[offset] ?? 0) ^ 1
    writeFileSync(altered, whole)
    const { data } = await json(`backup verify ${altered}`, 1)
    expect(data.backup.ok).to.equal(false)
    expect(data.backup.problems).to.have.length(1)
    expect(data.backup.problems[0]).to.include({
      ...{ offset: block?.offset, problem: 'content', section: block?.section, tenant: 'acme' },
    })
    expect((await json(`backup verify ${file}.no`, 5)).error?.code).to.equal('backup.file_missing')
  })

  it('what is severe needs a name where nobody can be asked, and dry runs write nothing', async () => {
    const before = await everything(place)
    expect((await json(`backup restore ${tenantFile}`, 2)).error?.code).to.equal('usage.confirmation_missing')
    expect((await json(`backup restore ${tenantFile} --confirm twin`, 8)).error?.code).to.equal('declined')
    expect((await json(`backup restore ${tenantFile} --dry-run`)).data).to.include({
      dry_run: true,
      created: false,
    })
    expect((await json(`backup restore ${tenantFile} --as other -n`)).data).to.include({
      dry_run: true,
      created: true,
    })
    expect((await json(`backup restore ${altered} --confirm acme`, 1)).error?.code).to.equal('backup.damaged')
    expect((await json(`db restore ${tenantFile} --confirm erpmax`, 6)).error?.code).to.equal(
      'backup.of_tenant',
    )
    expect(await everything(place)).to.deep.equal(before)
    expect((await json(`backup restore ${tenantFile} --confirm acme`)).data).to.include({ created: false })
  })

  it('of the installation: one file of one moment', async () => {
    for (const name of ['acme', 'acme-twin']) await json(`tenant credentials ${name}`)
    await json('tenant suspend acme-twin --reason late --yes')
    // What is ended once the file is there.
    for (const name of ['kept', 'revoked'])
      await json(`api-key create acme --name ${name} --scope finance:read`)
    for (const name of ['kept', 'revoked']) await json(`user invite acme ${name}@acme.test --role user`)
    for (const site of ['kept', 'rotated', 'removed'])
      await json(`sso-site add acme --site https://${site}.test`)
    rows = await rowsOf(place)
    content = await contentOf(place)
    const { backup } = (await json(`db backup --output ${file}`)).data
    expect(backup).to.include({ file, purpose: 'installation', tenant: null })
    expect(statSync(file).mode & 0o777).to.equal(0o600)
    const verdict = (await json(`backup verify ${file}`)).data.backup
    expect(verdict).to.include({ ok: true, scope: 'installation', sha256: backup.sha256, rows: backup.rows })
    expect(verdict.tenants.map(({ subdomain }: { subdomain: string }) => subdomain)).to.deep.equal([
      'acme',
      'acme-twin',
    ])
    expect((await json(`backup restore ${file} --as x-y-z`, 6)).error?.code).to.equal(
      'backup.of_installation',
    )
  })

  it('a fresh home gets no cluster for a file that is none, and nothing of one that is damaged', async () => {
    for (const [wrong, code] of [
      [tenantFile, 6],
      [path.join(place.home, 'nothing'), 5],
      [path.join(place.home, 'backups'), 1],
    ] as const)
      await json(`db restore ${wrong}`, code, fresh)
    expect(readdirSync(fresh.home)).to.deep.equal([])

    const whole = readFileSync(file)
    writeFileSync(altered, whole.subarray(0, whole.length - 1))
    expect((await json(`db restore ${altered}`, 1, fresh)).error?.code).to.equal('backup.damaged')
    const newer = withDocument(whole, 'HEAD', (head) => ({
      ...head,
      migrations: [...(head.migrations as []), '9999_x.sql'],
    }))
    writeFileSync(altered, newer)
    expect((await json(`db restore ${altered}`, 6, fresh)).error?.code).to.equal(
      'backup.control_plane_version',
    )
    expect(
      await fresh.query('select id from public.tenants union all select id from public.jobs'),
    ).to.deep.equal([])
    expect((await schemas(fresh)).filter((name) => name.startsWith('tenant_'))).to.deep.equal([])
  })

  it('a fresh home has all of it afterwards, and goes on', async () => {
    const { data, warnings } = await json(`db restore ${file}`, 0, fresh)
    expect(data.installation).to.deep.include({ tenants: 2, replaced: 0, skipped: [], dry_run: false })
    expect(warnings?.map(({ code }) => code)).to.deep.equal(['login.missing'])
    expect(await contentOf(fresh)).to.deep.equal(content)
    await expectRows(fresh)
    expect((await json('schema verify --all', 0, fresh)).data.items).to.have.length(2)
    const listed = (await json('backup list', 0, fresh)).data.items
    expect(listed[0]).to.include({ file, purpose: 'installation', file_state: 'present' })
    const jobs = await fresh.query(
      `select kind, status from public.jobs where kind like 'db.%' order by kind`,
    )
    expect(jobs).to.deep.equal([
      { kind: 'db.backup', status: 'succeeded' },
      { kind: 'db.restore', status: 'succeeded' },
    ])
    // Numbers that sequences give go on behind those that are taken.
    await json('tenant resume acme-twin --yes', 0, fresh)
    await json('tenant credentials acme', 0, fresh)
  })

  it('onto itself: what came since is gone, and what was changed is as it was', async () => {
    await place.query(`insert into tenant_acme.brands (code, name, slug) values ('LATE', 'Late', 'late')`)
    await place.query(`drop table tenant_acme.audit_logs cascade`)
    await json('tenant resume acme-twin --yes')
    await json('tenant update acme --city Nashik')
    await place.query(`create schema tenant_late; create table tenant_late.t (id int)`)
    await place.query(
      `with late as (insert into public.tenants (subdomain, status, name, legal_name, country_code, billing_email, time_zone, currency, language)
                     values ('late', 'provisioning', 'l', 'l', 'US', 'l@l.test', 'UTC', 'USD', 'en') returning id)
       insert into public.tenant_placements (tenant_id, server_id, schema_name)
       select late.id, s.id, 'tenant_late' from late, public.database_servers s`,
    )
    for (const { name, prefix } of (await json('api-key list acme')).data.items)
      if (name === 'revoked') await json(`api-key revoke ${prefix}`)
    await json('user invitations revoke acme revoked@acme.test')
    await json('sso-site rotate https://rotated.test --now --yes')
    await json('sso-site remove https://removed.test --yes')
    const before = await everything(place)
    expect((await json(`db restore ${file}`, 2)).error?.code).to.equal('usage.confirmation_missing')
    expect((await json(`db restore ${file} --confirm acme`, 8)).error?.code).to.equal('declined')
    expect((await json(`db restore ${file} -n`)).data.installation).to.include({ dry_run: true, tenants: 2 })
    expect((await json(`db restore ${altered} --confirm erpmax`, 6)).error?.code).to.equal(
      'backup.control_plane_version',
    )
    expect(await everything(place)).to.deep.equal(before)

    const { data, warnings } = await json(`db restore ${file} --confirm erpmax`)
    expect(data.installation).to.include({ tenants: 2, replaced: 3 })
    expect(warnings).to.deep.equal([])
    expect(await contentOf(place)).to.deep.equal(content)
    await expectRows(place)
    expect(await schemas(place)).to.not.include('tenant_late')
    await json('schema verify --all')
    expect(
      await place.query(
        `select name || ' ' || status as is from public.api_keys
         union all select origin || case when removed_at is not null then ' removed' else ' ' || (
             select count(*) from public.sso_site_keys k where k.site_id = s.id and expires_at is null) || ' key' end
           from public.sso_sites s
         union all select u.email || ' ' || i.status from public.invitations i join public.users u on u.id = i.user_id
           where u.email like '%ed@acme.test' or u.email like 'kept@%' order by 1`,
      ),
      'what was ended since stays so',
    ).to.deep.equal(
      [
        'https://kept.test 1 key',
        'https://removed.test removed',
        'https://rotated.test 0 key',
        'kept active',
        'kept@acme.test pending',
        'revoked revoked',
        'revoked@acme.test revoked',
      ].map((is) => ({ is })),
    )
    // Suspended again is shut out again; the other's rights came back with its tables.
    const roles = await place.query(
      `select rolname, rolcanlogin, has_table_privilege(rolname, rolname || '.audit_logs', 'insert') as writes
       from pg_roles where rolname like 'tenant_acme%' order by 1`,
    )
    expect(roles).to.deep.equal([
      { rolname: 'tenant_acme', rolcanlogin: true, writes: true },
      { rolname: 'tenant_acme_twin', rolcanlogin: false, writes: true },
    ])
  })

  it('waits for nobody: while somebody builds or loads, an installation is not replaced', async () => {
    const ctx = await openThrowAway(place.home)
    try {
      const job = { kind: 'tenant.create', subject: 'busy', tenantId: null, input: {}, inputHash: 'x' }
      await startJob(ctx, job)
      const before = await contentOf(place)
      expect((await json(`db restore ${file} --confirm erpmax`, 7)).error?.code).to.equal('job.busy')
      expect(await contentOf(place)).to.deep.equal(before)
      expect(existsSync(file)).to.equal(true)
    } finally {
      await ctx.close()
    }
  })
})
