/** Where the embedded server lives, and as whom it runs. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { chmod, chown, mkdir, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import envPaths from 'env-paths'
import { ErpmaxError } from '../../kernel/errors.js'

export interface RunAs {
  uid: number
  gid: number
}

export interface EmbeddedHome {
  /** `ERPMAX_HOME`, or the default of this user. */
  root: string
  native: string
  data: string
  log: string
  password: string
  /** Folder of the socket: `run` in the home, or a short one where the path would exceed 107 bytes. */
  socket: string
  /** Whose process the server is; null: the invoker's own. */
  runAs: RunAs | null
}

/** Bytes of a socket's path that the kernel takes, less the terminating zero. */
const socketPathBytes = 107
export const socketFile = '.s.PGSQL.5432'

/** The home of erpmax, without touching the disk. */
export function homeFolder(configured: string | null): string {
  if (configured) return path.resolve(configured)
  return process.getuid?.() === 0 ? '/var/lib/erpmax' : envPaths('erpmax', { suffix: '' }).data
}

/** The paths of a home, without touching the disk. */
export function embeddedHome(root: string): EmbeddedHome {
  const base = path.join(root, 'pg18')
  const run = path.join(base, 'run')
  const tooLong = Buffer.byteLength(path.join(run, socketFile)) > socketPathBytes
  const short = path.join(
    os.tmpdir(),
    `erpmax-${createHash('sha256').update(run).digest('hex').slice(0, 12)}`,
  )
  return {
    root,
    native: path.join(base, 'native'),
    data: path.join(base, 'data'),
    log: path.join(base, 'log'),
    password: path.join(base, 'password'),
    socket: tooLong ? short : run,
    runAs: serverUser(),
  }
}

/** As root the server runs as `postgres` where that user exists, else as `nobody`: initdb wants a passwd entry. */
function serverUser(): RunAs | null {
  if (process.getuid?.() !== 0) return null
  const entries = new Map(
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name, , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }] as const),
  )
  const user = entries.get('postgres') ?? entries.get('nobody')
  if (!user || !(user.uid > 0)) {
    throw new ErpmaxError(
      'dependency',
      'database.no_server_user',
      'Postgres does not run as root, and neither "postgres" nor "nobody" is in /etc/passwd',
      {
        hint: 'Run erpmax as an ordinary user, or set DATABASE_URL',
        retryable: false,
      },
    )
  }
  return user
}

/** Makes the folders of a home; safe to repeat and to race. */
export async function makeHome(home: EmbeddedHome): Promise<void> {
  const base = path.dirname(home.data)
  await mkdir(home.root, { recursive: true, mode: home.runAs ? 0o711 : 0o700 })
  await mkdir(base, { recursive: true, mode: home.runAs ? 0o711 : 0o700 })
  if (home.runAs) {
    for (const folder of [home.root, base]) await letThrough(folder)
    await requireReach(home.root, home.runAs)
  }
  for (const folder of [home.socket, home.log]) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await giveTo(folder, home.runAs)
  }
  const socket = await stat(home.socket)
  const owner = home.runAs?.uid ?? process.getuid?.()
  if (socket.uid !== owner || (socket.mode & 0o077) !== 0) {
    throw new ErpmaxError(
      'dependency',
      'database.socket_folder',
      `The socket folder ${home.socket} belongs to somebody else or is open to others`,
      {
        hint: `Remove it, or set ERPMAX_HOME to a shorter path`,
        retryable: false,
      },
    )
  }
}

export async function giveTo(target: string, runAs: RunAs | null): Promise<void> {
  if (runAs) await chown(target, runAs.uid, runAs.gid)
}

async function letThrough(folder: string): Promise<void> {
  const { mode } = await stat(folder)
  if ((mode & 0o001) === 0) await chmod(folder, (mode & 0o777) | 0o011)
}

/** Whether a user who owns nothing on the way can enter every folder above `target`. */
export async function canReach(target: string, runAs: RunAs): Promise<boolean> {
  for (let folder = path.resolve(target); ; folder = path.dirname(folder)) {
    const { mode, uid } = await stat(folder)
    if ((mode & (uid === runAs.uid ? 0o100 : 0o001)) === 0) return false
    if (folder === path.dirname(folder)) return true
  }
}

async function requireReach(root: string, runAs: RunAs): Promise<void> {
  if (await canReach(root, runAs)) return
  throw new ErpmaxError(
    'dependency',
    'database.home_unreachable',
    `The server's user (uid ${runAs.uid}) cannot enter ${root}`,
    {
      hint: 'Set ERPMAX_HOME to a folder outside /root, such as /var/lib/erpmax',
      retryable: false,
    },
  )
}
