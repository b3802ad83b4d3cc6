/** The file of a backup: written under another name beside its own, synced, and given its name when it is whole. */
import { constants } from 'node:fs'
import { link, mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { homeFolder } from '../../database/embedded/home.js'
import { ErpmaxError, messageOf } from '../../kernel/errors.js'
import type { Context } from '../../kernel/context.js'

export interface BackupPlace {
  /** What it is called when it is whole. */
  file: string
  /** What it is called until then. */
  partial: string
  /** Where the name is ours and taken, a number is added; a name that somebody chose is refused. */
  named: boolean
}

const ending = '.erpmax-backup'
const partialEnding = '.partial'

/**
 * Decides the name, and makes the folder.
 * @param subject the subdomain, or `installation`
 * @param output a file, or a folder that is there; undefined: the folder `backups` of the home
 * @throws failure `backup.unwritable`; usage `backup.output_invalid`
 */
export async function placeBackup(
  ctx: Pick<Context, 'clock' | 'config' | 'processes'>,
  subject: string,
  output: string | undefined,
): Promise<BackupPlace> {
  if (output === '-') throw noStream()
  const folder = output === undefined ? defaultFolder(ctx) : (await isFolder(output)) ? output : null
  const file = path.resolve(folder === null ? (output ?? '') : path.join(folder, nameOf(ctx, subject)))
  const named = folder === null
  try {
    if (output === undefined) await mkdir(path.dirname(path.dirname(file)), { recursive: true, mode: 0o711 })
    if (!named) await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  } catch (error) {
    throw unwritable(file, error)
  }
  return { file, partial: `${file}.${ctx.processes.self.pid}${partialEnding}`, named }
}

/** @throws conflict `backup.file_exists` where somebody chose a name that is taken */
export async function requireFree({ file, named }: BackupPlace): Promise<void> {
  if (named && (await exists(file))) throw taken(file)
}

/** Bulk: the folder for many files. @throws failure `backup.unwritable` */
export async function makeFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw unwritable(folder, error)
  })
  return path.resolve(folder)
}

/** Bytes that are gathered before they are written: a backup has hundreds of small blocks. */
const gatheredBytes = 256 << 10

export class BackupFile {
  #gathered: Buffer[] = []
  #size = 0

  private constructor(
    private readonly place: BackupPlace,
    private readonly handle: FileHandle,
  ) {}

  /** @throws failure `backup.unwritable` */
  static async create(place: BackupPlace): Promise<BackupFile> {
    try {
      // What is there under this name is of a process with our number that is gone.
      await rm(place.partial, { force: true })
      return new BackupFile(place, await open(place.partial, 'wx', 0o600))
    } catch (error) {
      throw unwritable(place.file, error)
    }
  }

  /** @throws failure `backup.unwritable`, `backup.disk_full` */
  async write(bytes: Buffer): Promise<void> {
    this.#gathered.push(bytes)
    this.#size += bytes.length
    if (this.#size >= gatheredBytes) await this.#flush()
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#gathered)
    this.#gathered = []
    this.#size = 0
    try {
      for (let at = 0; at < bytes.length;) at += (await this.handle.write(bytes, at)).bytesWritten
    } catch (error) {
      throw unwritable(this.place.file, error)
    }
  }

  /** Everything is on the disk, then the file has its name. @returns the name */
  async publish(): Promise<string> {
    const { file, partial, named } = this.place
    try {
      await this.#flush()
      await this.handle.sync()
      await this.handle.close()
      const final = await giveName(partial, file, named)
      await syncFolder(path.dirname(final))
      return final
    } catch (error) {
      throw unwritable(file, error)
    }
  }

  /** Leaves nothing behind; does no harm after `publish`. */
  async discard(): Promise<void> {
    await this.handle.close().catch(() => {})
    await rm(this.place.partial, { force: true }).catch(() => {})
  }
}

/** Removes what a killed run left; only ever a file with our ending. */
export async function removePartial(partial: unknown): Promise<void> {
  if (typeof partial === 'string' && partial.endsWith(partialEnding)) await rm(partial, { force: true })
}

/** @throws not_found `backup.file_missing`; failure `backup.unreadable` */
export async function openBackup(file: string): Promise<FileHandle> {
  try {
    const handle = await open(file, constants.O_RDONLY)
    if ((await handle.stat()).isFile()) return handle
    await handle.close()
    throw new Error('it is not a file')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new ErpmaxError('not_found', 'backup.file_missing', `There is no file ${file}`, {
        hint: 'erpmax backup list',
      })
    }
    throw new ErpmaxError('failure', 'backup.unreadable', `${file} cannot be read: ${reason(error)}`, {
      cause: new Error(messageOf(error)),
    })
  }
}

export async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null)) !== null
}

function defaultFolder({ config }: Pick<Context, 'config'>): string {
  return path.join(homeFolder(config.text('ERPMAX_HOME')), 'backups')
}

/** `acme-20261121T062300Z.erpmax-backup` */
function nameOf({ clock }: Pick<Context, 'clock'>, subject: string): string {
  const time = clock.now().toISOString().replace(/\.\d+/, '').replace(/[-:]/g, '')
  return `${subject}-${time}${ending}`
}

async function isFolder(output: string): Promise<boolean> {
  return output.endsWith(path.sep) || (await stat(output).catch(() => null))?.isDirectory() === true
}

/** A link does not replace what is there, a rename would; where the file system has no links the moment between counts. */
async function giveName(partial: string, file: string, named: boolean): Promise<string> {
  for (let number = 1; ; number++) {
    const final = number === 1 ? file : file.replace(ending, `-${number}${ending}`)
    try {
      await link(partial, final)
      await rm(partial)
      return final
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      const there = code === 'EEXIST' || (await exists(final))
      if (there && named) throw taken(final)
      if (there) continue
      if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EMLINK'].includes(code ?? '')) throw error
      await rename(partial, final)
      return final
    }
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  // Some file systems sync no folders, and need not.
  await handle.sync().catch(() => {})
  await handle.close()
}

function noStream(): ErpmaxError {
  return new ErpmaxError(
    'usage',
    'backup.output_invalid',
    'A backup is a file, which gets its name when it is whole: it cannot be sent to stdout',
    { hint: '--output <file>' },
  )
}

function taken(file: string): ErpmaxError {
  return new ErpmaxError('conflict', 'backup.file_exists', `${file} is there already`, {
    hint: 'Give another --output, or remove it',
    details: { file },
  })
}

function unwritable(file: string, cause: unknown): unknown {
  if (cause instanceof ErpmaxError) return cause
  const { code } = cause as NodeJS.ErrnoException
  const full = code === 'ENOSPC' || code === 'EDQUOT'
  return new ErpmaxError(
    'failure',
    full ? 'backup.disk_full' : 'backup.unwritable',
    full ? `The disk is full: ${file} was not written` : `${file} cannot be written: ${reason(cause)}`,
    {
      hint: full ? 'Free space, or give another --output' : 'Give another --output',
      details: { file, code: code ?? null },
      // Not the error itself: its code is one that a lost connection has too.
      cause: new Error(messageOf(cause)),
    },
  )
}

/** `no such file or directory`, without the code and the call. */
function reason(cause: unknown): string {
  return messageOf(cause)
    .replace(/^E[A-Z]+: /, '')
    .replace(/, [a-z]+( '.*)?$/, '')
}
