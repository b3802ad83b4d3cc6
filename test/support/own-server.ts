/** A Postgres of the test's own, as an operator would have one: stock settings, an ordinary user, a password. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { findBinaries } from '../../src/database/embedded/binaries.js'
import { embeddedHome, makeHome, type RunAs } from '../../src/database/embedded/home.js'

export interface OwnServer {
  /** The URL of a database that belongs to an ordinary user. */
  url: string
  /** What must show up nowhere. */
  password: string
  /** Statements of the superuser, in the ordinary user's database. */
  asSuperuser(statements: readonly string[]): Promise<void>
  stop(): Promise<void>
}

/** The `bin` folder of the embedded server's Postgres. */
export async function embeddedBin(folder: string): Promise<string> {
  const home = embeddedHome(folder)
  await makeHome(home)
  return path.join(await findBinaries(home), 'bin')
}

/** The `bin` folder of a Postgres 15 on this machine, or null. */
export function findPostgres15(): string | null {
  const debian = existsSync('/usr/lib/postgresql')
    ? readdirSync('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin/postgres`)
    : []
  const found = ['/usr/local/bin/postgres', ...debian, '/usr/local/pgsql/bin/postgres'].find(
    (program) =>
      existsSync(program) &&
      / 15[.\d]*/.test(spawnSync(program, ['--version'], { encoding: 'utf8', timeout: 10_000 }).stdout ?? ''),
  )
  return found ? path.dirname(realpathSync(found)) : null
}

/** @param settings on top of what initdb chooses, `max_connections=100` */
export async function startOwnServer(
  folder: string,
  bin: string,
  settings: readonly string[],
): Promise<OwnServer> {
  const { runAs } = embeddedHome(folder)
  const data = path.join(folder, 'own')
  const password = 'a-login-nobody-may-see'
  mkdirSync(data, { mode: 0o700 })
  if (runAs) chownSync(data, runAs.uid, runAs.gid)
  const file = path.join(folder, 'own.password')
  writeFileSync(file, 'boss-password\n', { mode: 0o644 })
  const made = spawnSync(
    path.join(bin, 'initdb'),
    ['-D', data, '-U', 'boss', '-A', 'scram-sha-256', `--pwfile=${file}`, '-E', 'UTF8', '--no-sync'],
    { cwd: folder, encoding: 'utf8', timeout: 60_000, ...runAs },
  )
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`)
  const server = launch(path.join(bin, 'postgres'), data, settings, runAs)
  const boss = (database: string): pg.ClientConfig => ({
    host: data,
    user: 'boss',
    password: 'boss-password',
    database,
  })
  await answered(boss('postgres'))
  await runSql(boss('postgres'), [
    `create role shop login password '${password}'`,
    'create database shop owner shop',
  ])
  return {
    url: `postgresql://shop:${password}@/shop?host=${encodeURIComponent(data)}`,
    password,
    asSuperuser: (statements) => runSql(boss('shop'), statements),
    async stop() {
      if (server.exitCode !== null || server.signalCode !== null) return
      server.kill('SIGINT')
      await once(server, 'exit')
    },
  }
}

function launch(
  program: string,
  data: string,
  settings: readonly string[],
  runAs: RunAs | null,
): ChildProcess {
  const options = ['listen_addresses=', 'fsync=off', ...settings].flatMap((setting) => ['-c', setting])
  return spawn(program, ['-D', data, '-k', data, ...options], { cwd: data, stdio: 'ignore', ...runAs })
}

async function answered(target: pg.ClientConfig): Promise<void> {
  const until = Date.now() + 30_000
  for (;;) {
    try {
      return await runSql(target, ['select 1'])
    } catch (error) {
      if (Date.now() > until) throw error
      await sleep(100)
    }
  }
}

async function runSql(target: pg.ClientConfig, statements: readonly string[]): Promise<void> {
  const client = new pg.Client(target)
  client.on('error', () => {})
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
