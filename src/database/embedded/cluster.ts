/** Makes the database cluster: initdb into a temporary folder, renamed to `data`, so that racers agree. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ErpmaxError } from '../../kernel/errors.js'
import { Secret } from '../../kernel/secret.js'
import { giveTo, type EmbeddedHome } from './home.js'

export const superuser = 'erpmax'

export function isInitialised(home: EmbeddedHome): boolean {
  return existsSync(path.join(home.data, 'PG_VERSION'))
}

export async function readPassword(home: EmbeddedHome): Promise<Secret> {
  try {
    return new Secret((await readFile(home.password, 'utf8')).trim())
  } catch (cause) {
    throw new ErpmaxError(
      'dependency',
      'database.password_lost',
      `The password of the embedded server, ${home.password}, cannot be read`,
      {
        hint: 'Use the account that created this home, or another ERPMAX_HOME',
        retryable: false,
        cause,
      },
    )
  }
}

/** Whoever links first decides the password; the others read it. */
async function agreeOnPassword(home: EmbeddedHome): Promise<Secret> {
  const mine = `${home.password}.${process.pid}`
  await writeFile(mine, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 })
  try {
    await link(mine, home.password)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(mine, { force: true })
  }
  return readPassword(home)
}

export async function initialise(home: EmbeddedHome, binaries: string, relaxed: boolean): Promise<void> {
  const password = await agreeOnPassword(home)
  const building = `${home.data}.${process.pid}`
  const passwordFile = `${building}.pw`
  await rm(building, { recursive: true, force: true })
  await mkdir(building, { mode: 0o700 })
  await giveTo(building, home.runAs)
  try {
    await writeFile(passwordFile, `${password.reveal()}\n`, { mode: 0o600 })
    await giveTo(passwordFile, home.runAs)
    await runInitdb(home, binaries, building, passwordFile, relaxed)
    await rename(building, home.data)
  } catch (error) {
    if (!isInitialised(home)) throw error
  } finally {
    await rm(building, { recursive: true, force: true })
    await rm(passwordFile, { force: true })
  }
}

async function runInitdb(
  home: EmbeddedHome,
  binaries: string,
  folder: string,
  passwordFile: string,
  relaxed: boolean,
): Promise<void> {
  const options = [
    'listen_addresses=',
    'max_locks_per_transaction=1024',
    'max_connections=200',
    ...(relaxed ? ['fsync=off'] : []),
  ]
  await runTool(home, path.join(binaries, 'bin', 'initdb'), folder, [
    ...['-D', folder, '-U', superuser, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8'],
    ...[
      '--locale-provider=builtin',
      '--locale=C.UTF-8',
      '--no-instructions',
      ...(relaxed ? ['--no-sync'] : []),
    ],
    ...options.flatMap((option) => ['-c', option]),
  ])
  // In single-user mode, before anybody can connect: the database is there when the folder is.
  await runTool(
    home,
    path.join(binaries, 'bin', 'postgres'),
    folder,
    ['--single', '-D', folder, 'postgres'],
    `create database ${superuser}\n`,
  )
}

async function runTool(
  home: EmbeddedHome,
  program: string,
  folder: string,
  args: readonly string[],
  input = '',
): Promise<void> {
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' },
    ...home.runAs,
  })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  if (code !== 0) {
    throw new ErpmaxError(
      'dependency',
      'database.initdb_failed',
      `${path.basename(program)} failed: ${complaint.trim().split('\n').slice(-3).join(' ') || `exit ${code}`}`,
      {
        hint: `Look at the space and rights of ${path.dirname(home.data)}`,
        retryable: false,
      },
    )
  }
}
