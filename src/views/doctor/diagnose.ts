/** `doctor`: goes from the settings to the tenants and says of each thing whether it is well and what to do. */
import { migrationState } from '../../database/migrate.js'
import { oneRow, sql } from '../../database/sql.js'
import { translated } from '../../database/sql-errors.js'
import { choosePlace, requireInitialised, type Place } from '../../database/target.js'
import { ErpmaxError, messageOf } from '../../kernel/errors.js'
import { readLockBudget } from '../../schemas/lock-budget.js'
import { ok, problem, warning, type Check } from './check.js'
import { checkIsolation } from './isolation-check.js'
import { checkConfiguration, checkDisk, checkSecretFiles, describeServer } from './machine-checks.js'
import { checkPayments } from './payments-check.js'
import { findPooler } from './pooler.js'
import * as server from './server-checks.js'
import { checkTenants, countTenants } from './tenants-check.js'
import type { Config, SettingFile } from '../../kernel/config.js'
import type { Context } from '../../kernel/context.js'

export interface Diagnosis {
  /** No problem; warnings do not count. */
  healthy: boolean
  /** Whether the database answered; null where the settings are too wrong to try. */
  reachable: boolean | null
  checks: Check[]
}

/** What a doctor needs before there is a context: each of these may be what is wrong. */
export interface Patient {
  /** Throws what is wrong with the settings. */
  settings(): Config
  /** Files that settings come from. */
  files: readonly SettingFile[]
  /** Connects to what is there, whatever its migrations. */
  open(): Promise<Context>
}

/** Yields each check as soon as it is made. Whatever is wrong with the patient, it throws nothing. */
export async function* diagnose(patient: Patient): AsyncGenerator<Check, Diagnosis, void> {
  const checks: Check[] = []
  let reachable: boolean | null = null
  for await (const check of examine(patient)) {
    checks.push(check)
    if (check.name === 'reach') reachable = check.status !== 'problem'
    if (check.name === 'database' && check.status === 'problem') reachable = false
    yield check
  }
  return { healthy: checks.every((check) => check.status !== 'problem'), reachable, checks }
}

async function* examine(patient: Patient): AsyncGenerator<Check, void, void> {
  const config = attempt('configuration', () => patient.settings())
  if ('status' in config) return yield config
  yield checkConfiguration(config)
  const place = attempt('database', () => choosePlace(config))
  const home = !('status' in place) && place.kind === 'embedded' ? place.home : null
  yield checkSecretFiles(config, patient.files, home)
  const payments = checkPayments(config)
  if (payments) yield payments
  if ('status' in place) return yield place
  if (home) {
    const there = attempt('database', () => requireInitialised(home))
    if (there) return yield there
    yield ok('database', `${place.description}, ${describeServer(home)}`)
    yield checkDisk(home)
  } else yield ok('database', `${place.description} (from ${originOf(config)})`)
  const reached = await reach(patient, place)
  if ('status' in reached) return yield reached
  yield reached.check
  yield* examineServer(reached.ctx, place)
}

async function* examineServer(ctx: Context, place: Place): AsyncGenerator<Check, void, void> {
  const facts = await guarded('version', () => server.readServerFacts(ctx))
  if ('status' in facts) return yield facts
  yield server.checkVersion(facts)
  yield server.checkRights(facts)
  yield server.checkExtension(facts)
  const migrations = await guarded('migrations', () => migrationState(ctx.db))
  if ('status' in migrations) return yield migrations
  yield server.checkMigrations(migrations, place.kind === 'embedded')
  yield guarded('locks', async () => server.checkLocks(await readLockBudget(ctx)))
  yield server.checkConnections(facts)
  yield guarded('pooler', async () => server.checkPooler(await findPooler(ctx)))
  const fixedAt = ctx.config.text('ERPMAX_NOW')
  yield guarded('clock', async () => server.checkClock(await clockAhead(ctx), fixedAt))
  if (migrations.pending.length > 0 || migrations.unknown.length > 0)
    return yield server.checkRecovery(facts, 0)
  yield guarded('isolation', () => checkIsolation(ctx))
  const tenants = await guarded('tenants', () => countTenants(ctx))
  if (typeof tenants !== 'number') return yield tenants
  yield server.checkRecovery(facts, tenants)
  yield guarded('tenants', () => checkTenants(ctx, tenants))
}

/** A round trip on an open connection from which on people notice. */
const slowMs = 50

async function reach(patient: Patient, place: Place): Promise<{ ctx: Context; check: Check } | Check> {
  try {
    const ctx = await patient.open()
    await oneRow(ctx.db, sql`select 1 as one`)
    const trips: number[] = []
    for (let n = 0; n < 3; n++) {
      const from = performance.now()
      await oneRow(ctx.db, sql`select 1 as one`)
      trips.push(performance.now() - from)
    }
    const trip = Math.min(...trips)
    const message = `answers, ${trip.toFixed(1)} ms a round trip`
    const hint = 'Run erpmax nearer to the database'
    return { ctx, check: trip < slowMs ? ok('reach', message) : warning('reach', message, hint) }
  } catch (error) {
    if (error instanceof ErpmaxError && error.kind === 'usage') return failed('settings', error)
    const told = failed('reach', error)
    const advice =
      place.kind === 'embedded'
        ? 'erpmax db logs'
        : 'See that it runs, that DATABASE_URL names the right host and port, and that no firewall is between'
    // The error's own advice may be to run this command.
    return told.hint === 'erpmax doctor' || told.hint === null ? { ...told, hint: advice } : told
  }
}

/** Half of the round trip has passed when the database looks at its clock. */
async function clockAhead(ctx: Pick<Context, 'db' | 'clock'>): Promise<number> {
  const before = ctx.clock.now().getTime()
  const { now } = await oneRow<{ now: Date }>(ctx.db, sql`select clock_timestamp() as now`)
  return (before + ctx.clock.now().getTime()) / 2 - now.getTime()
}

function originOf(config: Config): string {
  const setting = config.secret('DATABASE_URL') ? 'DATABASE_URL' : 'PGHOST'
  return `${setting}, ${config.origin(setting)}`
}

function attempt<Result>(name: string, work: () => Result): Result | Check {
  try {
    return work()
  } catch (error) {
    return failed(name, error)
  }
}

async function guarded<Result>(name: string, work: () => Promise<Result>): Promise<Result | Check> {
  try {
    return await work()
  } catch (error) {
    return failed(name, error)
  }
}

function failed(name: string, thrown: unknown): Check {
  const error = translated(thrown)
  return problem(name, messageOf(error), (error instanceof ErpmaxError && error.hint) || null)
}
