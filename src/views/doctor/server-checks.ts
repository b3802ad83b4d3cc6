/** What `doctor` thinks of a database server, from figures read in one query. */
import { locksFor, type LockBudget } from '../../schemas/lock-budget.js'
import { oneRow, sql } from '../../database/sql.js'
import { ok, problem, warning, type Check } from './check.js'
import type { Pooling } from './pooler.js'
import type { MigrationState } from '../../database/migrate.js'
import type { Context } from '../../kernel/context.js'

export interface ServerFacts {
  version: string
  versionNumber: number
  database: string
  user: string
  mayCreate: boolean
  /** In the schema public; null where there is no such schema. */
  mayUsePublic: boolean | null
  readOnly: boolean
  btreeGist: 'installed' | 'available' | 'missing'
  /** What is left for this user, after every limit that applies. */
  freeConnections: number
  maxConnections: number
  syncMethod: string | null
  canSyncFileSystem: boolean
}

export async function readServerFacts(ctx: Pick<Context, 'db'>): Promise<ServerFacts> {
  return oneRow<ServerFacts>(
    ctx.db,
    sql`select current_setting('server_version') as version, current_setting('server_version_num')::int as "versionNumber",
          current_database()::text as database, current_user::text as user,
          has_database_privilege(current_database(), 'create') as "mayCreate",
          (select has_schema_privilege(n.oid, 'create') from pg_catalog.pg_namespace n where n.nspname = 'public') as "mayUsePublic",
          pg_is_in_recovery() or current_setting('transaction_read_only')::bool as "readOnly",
          case when exists (select from pg_catalog.pg_extension where extname = 'btree_gist') then 'installed'
               when exists (select from pg_catalog.pg_available_extensions where name = 'btree_gist') then 'available'
               else 'missing' end as "btreeGist",
          current_setting('max_connections')::int as "maxConnections",
          least(
            current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
              - coalesce(current_setting('reserved_connections', true)::int, 0)
              - (select sum(numbackends) from pg_catalog.pg_stat_database),
            (select d.datconnlimit - s.numbackends from pg_catalog.pg_database d
             join pg_catalog.pg_stat_database s on s.datid = d.oid
             where d.datname = current_database() and d.datconnlimit >= 0),
            (select r.rolconnlimit - (select count(*) from pg_catalog.pg_stat_activity a where a.usesysid = r.oid)
             from pg_catalog.pg_roles r where r.rolname = current_user and r.rolconnlimit >= 0)
          )::int as "freeConnections",
          current_setting('recovery_init_sync_method', true) as "syncMethod",
          exists (select from pg_catalog.pg_settings
                  where name = 'recovery_init_sync_method' and 'syncfs' = any(enumvals)) as "canSyncFileSystem"`,
  )
}

const oldest = 150_000
const recommended = 170_000

export function checkVersion({ version, versionNumber }: ServerFacts): Check {
  const short = version.split(' ')[0]
  if (versionNumber < oldest)
    return problem(
      'version',
      `Postgres ${short}: 15 is the oldest that works`,
      'Upgrade the server to 17 or later',
    )
  if (versionNumber < recommended) {
    const why = 'syncs each of the 1,043 new index files of a tenant to disk, over half of the time'
    return warning('version', `Postgres ${short} ${why}`, 'Upgrade to 17 or later, which does not')
  }
  return ok('version', `Postgres ${short}`)
}

export function checkRights({ database, user, mayCreate, mayUsePublic, readOnly }: ServerFacts): Check {
  if (readOnly)
    return problem(
      'rights',
      `${database} is read only: a standby, or set to be`,
      'Point DATABASE_URL at the primary',
    )
  const missing = [
    ...(mayCreate ? [] : [`grant create on database "${database}" to "${user}"`]),
    ...(mayUsePublic ? [] : [`grant create on schema public to "${user}"`]),
  ]
  if (missing.length === 0) return ok('rights', `${user} may create schemas in ${database}`)
  return problem(
    'rights',
    `${user} may not create what erpmax needs in ${database}`,
    `${missing.join('; ')};`,
  )
}

export function checkExtension({ btreeGist }: ServerFacts): Check {
  if (btreeGist === 'installed') return ok('extension', 'btree_gist is installed')
  if (btreeGist === 'available')
    return ok('extension', 'btree_gist is available; the first migration installs it')
  return problem(
    'extension',
    'btree_gist is missing',
    "Install the server's contrib package (postgresql-contrib)",
  )
}

/** Builds at once that a comfortable lock table allows. */
const comfortable = 4

export function checkLocks(budget: LockBudget): Check {
  const { total, slots, slices, maxLocksPerTransaction } = budget
  const table = `the lock table guarantees ${total.toLocaleString('en-US')} locks`
  const hint = `max_locks_per_transaction = ${locksFor(comfortable, budget)} (now ${maxLocksPerTransaction}) allows ${comfortable} at once; restart the server after it`
  if (slices > 1) return warning('locks', `${table}: a schema is built in ${slices} transactions`, hint)
  if (slots === 1) return warning('locks', `${table}: one schema is built at a time, others wait`, hint)
  return ok('locks', `${table}: ${slots} schemas may be built at once`)
}

/** A command holds up to four, and one more for DDL. */
const perCommand = 5

export function checkConnections({ freeConnections: free, maxConnections }: ServerFacts): Check {
  const message = `${free} of ${maxConnections} are free; a command takes up to ${perCommand}`
  const hint = 'Raise max_connections or the limit of the user, or close idle clients'
  if (free < perCommand) return problem('connections', message, hint)
  return free < 4 * perCommand ? warning('connections', message, hint) : ok('connections', message)
}

export function checkPooler(pooling: Pooling): Check {
  switch (pooling) {
    case 'none':
      return ok('pooler', 'none: each connection has a backend of its own')
    case 'session':
      return ok('pooler', 'one that keeps a backend for each session; erpmax works through it')
    case 'transaction':
      return ok('pooler', 'one that changes backends between transactions; erpmax works through it')
    case 'unclear':
      return warning(
        'pooler',
        'two connections at once got no answer in time: a pooler without a free backend',
        "Raise the pooler's pool size to 5 or more for this database",
      )
  }
}

export function checkMigrations({ applied, pending, unknown }: MigrationState, automatic: boolean): Check {
  if (unknown.length > 0)
    return problem(
      'migrations',
      `the database is newer than this program: ${unknown.join(', ')}`,
      'Update erpmax',
    )
  if (pending.length === 0) return ok('migrations', `all ${applied.length} of the control plane are applied`)
  const message = `${pending.length} pending: ${pending.join(', ')}`
  return automatic
    ? warning('migrations', `${message}; the next command applies them`, 'erpmax db migrate')
    : problem('migrations', message, 'erpmax db migrate')
}

/** From about so many tenants on, a restart after a crash is noticeably slow. */
const manyTenants = 100

export function checkRecovery({ syncMethod, canSyncFileSystem }: ServerFacts, tenants: number): Check {
  if (syncMethod !== 'fsync' || !canSyncFileSystem) return ok('recovery', `data is synced by ${syncMethod}`)
  const duration = Math.max(1, Math.ceil((tenants * 85) / 1000))
  const message = `after a crash the server syncs file by file, about ${duration} s with ${tenants === 1 ? '1 tenant' : `${tenants} tenants`}`
  if (tenants < manyTenants) return ok('recovery', message)
  const hint = 'alter system set recovery_init_sync_method = syncfs; select pg_reload_conf();'
  return warning('recovery', message, hint)
}

const noticeableMs = 5_000
const wrongMs = 60_000

/** @param aheadMs how far this machine's clock is before the database's */
export function checkClock(aheadMs: number, fixedAt: string | null): Check {
  if (fixedAt) return warning('clock', `ERPMAX_NOW holds it at ${fixedAt}`, 'unset ERPMAX_NOW')
  const off = Math.abs(aheadMs)
  if (off < noticeableMs)
    return ok(
      'clock',
      off < 1000 ? 'agrees with that of the database' : `${seconds(off)} from the database's`,
    )
  const message = `this machine is ${seconds(off)} ${aheadMs > 0 ? 'ahead of' : 'behind'} the database`
  return (off < wrongMs ? warning : problem)('clock', message, 'Synchronise both by NTP')
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
