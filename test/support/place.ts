/** A home with the built program in it: runs commands, asks the database, says whether a tenant is whole. */
import { rm } from 'node:fs/promises'
import { expect } from 'chai'
import pg from 'pg'
import { embeddedHome } from '../../src/database/embedded/home.js'
import { embeddedUrl, logFile, serverState, stopServer } from '../../src/database/embedded/server.js'
import { fingerprintQuery } from '../../src/schemas/fingerprint.js'
import { loadSnapshot } from '../../src/schemas/baseline.js'
import { erpmax, type Ran, type RunOptions } from './cli.js'
import { inProcess } from './in-process.js'
import { preparedFolder } from './server.js'

/** `ERPMAX_FAULTS=full` runs the counts of the requirement; else enough to notice a regression. */
export const full = process.env.ERPMAX_FAULTS === 'full'

export function times(reduced: number, whole: number): number {
  return full ? whole : reduced
}

export class Place {
  /** @param home an empty folder where a first run is to be seen; @param url a server of the test's own; null: the embedded one of this home */
  constructor(
    readonly home: string = preparedFolder(),
    private readonly url: string | null = null,
  ) {}

  run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const own = this.url ? { DATABASE_URL: this.url } : {}
    return erpmax(args, {
      ...options,
      env: { ERPMAX_HOME: this.home, ERPMAX_PG_IDLE: '0', ...own, ...options.env },
    })
  }

  /** The same in this process, for what is about no process: a tenth of the time, and one at a time. */
  async here(
    args: readonly string[],
    { env = {}, stdin }: Pick<RunOptions, 'env' | 'stdin'> = {},
  ): Promise<Ran> {
    const own = this.url ? { DATABASE_URL: this.url } : {}
    const program = await inProcess(this.home, null, { ERPMAX_PG_IDLE: '0', ...own, ...env })
    try {
      return { ...(await program.typed(args, stdin)), signal: null }
    } finally {
      program.end()
    }
  }

  /** The same words every time, so that the run after a fault asks for the same thing. */
  create(name: string, options: RunOptions & { args?: string[] } = {}): Promise<Ran> {
    return this.run(['tenant', 'create', ...answers(name), ...(options.args ?? ['--json'])], options)
  }

  async query<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    return this.connected(async (client) => (await client.query(text, values)).rows as Row[])
  }

  async connected<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
    const client = new pg.Client({
      connectionString: this.url ?? (await embeddedUrl(embeddedHome(this.home))),
      connectionTimeoutMillis: 5000,
      query_timeout: 60_000,
    })
    client.on('error', () => {})
    await client.connect()
    try {
      return await work(client)
    } finally {
      await client.end().catch(() => {})
    }
  }

  get serverPid(): number | null {
    return serverState(embeddedHome(this.home)).pid
  }

  get serverLog(): string {
    return logFile(embeddedHome(this.home))
  }

  async stop(): Promise<void> {
    await stopServer(embeddedHome(this.home))
  }

  async remove(): Promise<void> {
    await this.stop()
    await rm(this.home, { recursive: true, force: true })
  }
}

export function answers(name: string): string[] {
  return [
    name,
    ...['--name', `The ${name} company`, '--admin-email', `admin@${name}.test`],
    ...['--modules', 'finance,crm', '--tier', 'STARTER'],
  ]
}

export interface Found {
  status: string | null
  tables: number
}

/** What there is of a tenant, without judging it. */
export async function find(place: Place, name: string): Promise<Found> {
  const schema = `tenant_${name.replaceAll('-', '_')}`
  const [found] = await place.query<Found>(
    `select (select status from public.tenants where subdomain = $1) as status,
            (select count(*)::int from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
              where n.nspname = $2 and c.relkind = 'r') as tables`,
    [name, schema],
  )
  return found ?? { status: null, tables: 0 }
}

/** Fails unless the tenant is there once and whole: schema, people, subscription, job, mail. */
export async function expectWhole(place: Place, name: string): Promise<void> {
  const { fingerprint: expected } = await loadSnapshot()
  await place.connected(async (client) => {
    const schema = `tenant_${name.replaceAll('-', '_')}`
    const [print] = (await client.query<{ fingerprint: string; tables: number }>(fingerprintQuery, [schema]))
      .rows
    const { rows } = await client.query(
      `with t as (select * from public.tenants where subdomain = $1)
       select (select count(*)::int from t) as tenants,
              (select string_agg(status, ',') from t) as status,
              (select string_agg(p.fingerprint, ',') from public.tenant_placements p join t on t.id = p.tenant_id) as recorded,
              (select count(*)::int from public.users where email = $2) as users,
              (select string_agg(m.status || ' ' || r.code, ',') from public.memberships m join t on t.id = m.tenant_id
                join public.roles r on r.id = m.role_id) as memberships,
              (select count(*)::int from public.invitations i join t on t.id = i.tenant_id where i.status = 'pending') as invitations,
              (select string_agg(s.status, ',') from public.subscriptions s join t on t.id = s.tenant_id) as subscriptions,
              (select string_agg(i.product_code, ',' order by i.product_code) from public.subscription_items i
                join public.subscriptions s on s.id = i.subscription_id join t on t.id = s.tenant_id where i.kind = 'module') as modules,
              (select count(*)::int from public.subscription_items i
                join public.subscriptions s on s.id = i.subscription_id join t on t.id = s.tenant_id where i.kind = 'platform') as platform,
              (select count(*)::int from public.jobs where subject = $1 and status = 'succeeded') as succeeded,
              (select count(*)::int from public.jobs where subject = $1 and status in ('queued', 'running')) as unfinished,
              (select count(*)::int from public.outbox o join t on t.id = o.tenant_id) as outbox`,
      [name, `admin@${name}.test`],
    )
    expect({ ...(rows[0] as object), fingerprint: print?.fingerprint, tables: print?.tables }).to.deep.equal({
      tenants: 1,
      status: 'active',
      recorded: expected,
      users: 1,
      memberships: 'active owner',
      invitations: 1,
      subscriptions: 'trialing',
      modules: 'crm,finance,system_admin',
      platform: 1,
      succeeded: 1,
      unfinished: 0,
      outbox: 1,
      fingerprint: expected,
      tables: 237,
    })
    const { rows: seeded } = await client.query<{ users: number; roles: number }>(
      `select (select count(*)::int from "${schema}".users) as users, (select count(*)::int from "${schema}".roles) as roles`,
    )
    expect(seeded[0]?.users, 'users inside the schema').to.equal(1)
    expect(seeded[0]?.roles, 'roles inside the schema').to.be.greaterThan(0)
  })
}

/** Fails unless nothing is left: no row, no schema, no user, no subscription. */
export async function expectNothing(place: Place, name: string): Promise<void> {
  const [left] = await place.query(
    `select (select count(*)::int from public.tenants where subdomain = $1) as tenants,
            (select count(*)::int from pg_catalog.pg_namespace where nspname = $2) as schemas,
            (select count(*)::int from public.tenant_placements where schema_name = $2) as placements,
            (select count(*)::int from public.users where email = $3) as users,
            (select count(*)::int from public.memberships m where not exists (select 1 from public.tenants t where t.id = m.tenant_id)) as memberships,
            (select count(*)::int from public.jobs where subject = $1 and status in ('queued', 'running', 'succeeded')) as jobs`,
    [name, `tenant_${name.replaceAll('-', '_')}`, `admin@${name}.test`],
  )
  expect(left).to.deep.equal({ tenants: 0, schemas: 0, placements: 0, users: 0, memberships: 0, jobs: 0 })
}
