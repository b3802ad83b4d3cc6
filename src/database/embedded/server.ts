/** Starts, finds and stops the embedded server; many processes may do so at once and one server results. */
import { spawn } from 'node:child_process'
import { existsSync, openSync, closeSync, readFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { ErpmaxError, messageOf } from '../../kernel/errors.js'
import { packageRoot } from '../../kernel/package-root.js'
import { isConnectionError, isStartingUp } from '../sql-errors.js'
import { findBinaries } from './binaries.js'
import { initialise, isInitialised, readPassword, superuser } from './cluster.js'
import { giveTo, makeHome, type EmbeddedHome } from './home.js'

/** A stop after much DDL takes seconds; so does recovery after a crash. */
const patienceMs = 60_000
const pollMs = 20

export interface ServerOptions {
  /** Seconds without a client after which it stops by itself; 0: never. */
  idleSeconds: number
  /** fsync off, for throw-away test homes. */
  relaxed: boolean
}

export interface ServerState {
  initialised: boolean
  running: boolean
  pid: number | null
}

export function logFile(home: EmbeddedHome): string {
  return path.join(home.log, 'postgres.log')
}

/** How to reach the server's database. */
export async function embeddedTarget(home: EmbeddedHome, database = superuser): Promise<pg.ClientConfig> {
  const password = await readPassword(home)
  return { host: home.socket, port: 5432, user: superuser, password: password.reveal(), database }
}

/** `postgresql://user:password@/database?host=/folder`: libpq and node-postgres both take it. */
export async function embeddedUrl(home: EmbeddedHome): Promise<string> {
  const password = await readPassword(home)
  return `postgresql://${superuser}:${encodeURIComponent(password.reveal())}@/${superuser}?host=${encodeURIComponent(home.socket)}`
}

export function serverState(home: EmbeddedHome): ServerState {
  const pid = postmasterPid(home)
  const running = pid !== null && isItsServer(home, pid)
  return { initialised: isInitialised(home), running, pid: running ? pid : null }
}

/** Creates the cluster where there is none, starts the server where it does not run, waits until it answers. */
export async function ensureServer(home: EmbeddedHome, options: ServerOptions): Promise<void> {
  if (isInitialised(home) && (await answers(home)) === 'yes') return
  await makeHome(home)
  const binaries = await findBinaries(home)
  if (!isInitialised(home)) await initialise(home, binaries, options.relaxed)
  const until = Date.now() + patienceMs
  let last = 'nothing is listening'
  let launched: Launched | null = null
  while (Date.now() < until) {
    const answer = await answers(home)
    if (answer === 'yes') {
      if (launched?.alive()) watch(home, options)
      return
    }
    last = answer.message
    if (answer.absent && !launched?.alive()) {
      await removeStalePid(home)
      if (!serverState(home).running) launched = await launch(home, binaries)
    }
    await sleep(pollMs)
  }
  throw new ErpmaxError('dependency', 'database.start_failed', `The embedded server did not start: ${last}`, {
    hint: 'erpmax db logs',
  })
}

/** Stops at once, rolling back what is open. False where it was not running. */
export async function stopServer(home: EmbeddedHome): Promise<boolean> {
  const { pid, running } = serverState(home)
  if (!running || pid === null) return false
  process.kill(pid, 'SIGINT')
  const until = Date.now() + patienceMs
  while (existsSync(path.join(home.data, 'postmaster.pid')) && isItsServer(home, pid)) {
    if (Date.now() > until)
      throw new ErpmaxError('dependency', 'database.stop_failed', 'The embedded server did not stop', {
        hint: 'erpmax db logs',
      })
    await sleep(pollMs)
  }
  return true
}

interface Launched {
  alive(): boolean
}

async function launch(home: EmbeddedHome, binaries: string): Promise<Launched> {
  const file = logFile(home)
  const log = openSync(file, 'a', 0o600)
  try {
    await giveTo(file, home.runAs)
    const child = spawn(path.join(binaries, 'bin', 'postgres'), ['-D', home.data, '-k', home.socket], {
      cwd: home.data,
      detached: true,
      stdio: ['ignore', log, log],
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' },
      ...home.runAs,
    })
    child.on('error', () => {})
    child.unref()
    return { alive: () => child.pid !== undefined && child.exitCode === null && child.signalCode === null }
  } finally {
    closeSync(log)
  }
}

/** The supervisor outlives this process as the server does, and ends with it. */
function watch(home: EmbeddedHome, options: ServerOptions): void {
  if (options.idleSeconds <= 0) return
  const script = path.join(packageRoot(), 'dist', 'database', 'embedded', 'supervisor.js')
  const child = spawn(process.execPath, [script, home.root, String(options.idleSeconds)], {
    detached: true,
    stdio: 'ignore',
    cwd: '/',
  })
  child.on('error', () => {})
  child.unref()
}

async function answers(home: EmbeddedHome): Promise<'yes' | { message: string; absent: boolean }> {
  const client = new pg.Client({ ...(await embeddedTarget(home, 'postgres')), connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return 'yes'
  } catch (error) {
    if (isStartingUp(error)) return { message: messageOf(error), absent: false }
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return { message: messageOf(error), absent: true }
    if (isConnectionError(error)) return { message: messageOf(error), absent: false }
    throw error
  } finally {
    await client.end().catch(() => {})
  }
}

function postmasterPid(home: EmbeddedHome): number | null {
  const pid = Number(pidFile(home)[0])
  return Number.isInteger(pid) && pid > 0 ? pid : null
}

/** The lines of postmaster.pid: the pid, the data folder as the server spells it, and more. */
function pidFile(home: EmbeddedHome): string[] {
  try {
    return readFileSync(path.join(home.data, 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return []
  }
}

/**
 * Whether the pid is the live server of this home. After a crash the number may belong to anything: to a zombie,
 * another program, or the server of another home, which must not be taken for this one, least of all to stop it.
 */
function isItsServer(home: EmbeddedHome, pid: number): boolean {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
      const alive = stat.charAt(stat.lastIndexOf(')') + 2) !== 'Z'
      return alive && name.startsWith('postgres') && !servesAnother(home, pid)
    }
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Only what is certain counts: a server's child by its title, a server by the folder it was given. */
function servesAnother(home: EmbeddedHome, pid: number): boolean {
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  if (command.startsWith('postgres: ')) return true
  const args = command.split('\0')
  const given = args[args.indexOf('-D') + 1] ?? ''
  return args.includes('-D') && path.isAbsolute(given) && given !== pidFile(home)[1]
}

async function removeStalePid(home: EmbeddedHome): Promise<void> {
  const file = path.join(home.data, 'postmaster.pid')
  const pid = postmasterPid(home)
  if (pid === null || isItsServer(home, pid)) return
  const again = await readFile(file, 'utf8').catch(() => '')
  if (Number(again.split('\n')[0]) === pid) await rm(file, { force: true })
}
