/** A file that a command writes for its user: under its name when it is whole, and never over another unless told so. */
import { link, mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { ErpmaxError, messageOf } from './errors.js'

/** Where `--output` points: a folder where there is one of that name, or where it ends like one. */
export async function isFolder(output: string): Promise<boolean> {
  return /[\\/]$/.test(output) || (await stat(output).catch(() => null))?.isDirectory() === true
}

/** Makes it where it is missing. @throws failure `output.unwritable` */
export async function makeFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw unwritable(folder, error)
  })
  return folder
}

export class OutputFile {
  #bytes = 0

  private constructor(
    readonly file: string,
    /** Null: the file is written where it is, since it is a pipe or a device. */
    private readonly partial: string | null,
    private readonly handle: FileHandle,
    private readonly force: boolean,
  ) {}

  /** @throws conflict `output.file_exists`; failure `output.unwritable` */
  static async create(file: string, force: boolean): Promise<OutputFile> {
    try {
      const there = await stat(file).catch(() => null)
      if (there?.isFile() && !force) throw taken(file)
      if (there?.isDirectory()) throw new Error('it is a folder')
      if (there && !there.isFile()) return new OutputFile(file, null, await open(file, 'w'), force)
      const partial = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.partial`)
      await rm(partial, { force: true })
      return new OutputFile(file, partial, await open(partial, 'wx'), force)
    } catch (error) {
      throw unwritable(file, error)
    }
  }

  /** @throws failure `output.unwritable` */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.handle.writeFile(bytes)
      this.#bytes += bytes.length
    } catch (error) {
      throw unwritable(this.file, error)
    }
  }

  /** @returns how many bytes it has. @throws conflict `output.file_exists`; failure `output.unwritable` */
  async publish(): Promise<number> {
    try {
      await this.handle.close()
      if (this.partial !== null) await this.giveName(this.partial)
      return this.#bytes
    } catch (error) {
      throw unwritable(this.file, error)
    }
  }

  /** Leaves nothing behind; does no harm after `publish`. */
  async discard(): Promise<void> {
    await this.handle.close().catch(() => {})
    if (this.partial !== null) await rm(this.partial, { force: true }).catch(() => {})
  }

  /** A link does not replace what is there, a rename would; where the file system has no links the moment between counts. */
  private async giveName(partial: string): Promise<void> {
    if (this.force) return rename(partial, this.file)
    try {
      await link(partial, this.file)
      await rm(partial)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EEXIST' || (await stat(this.file).catch(() => null))) throw taken(this.file)
      if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EMLINK'].includes(code ?? '')) throw error
      await rename(partial, this.file)
    }
  }
}

function taken(file: string): ErpmaxError {
  return new ErpmaxError('conflict', 'output.file_exists', `${file} is there already`, {
    hint: 'Give another --output, or --force to replace it',
    details: { file },
  })
}

function unwritable(file: string, cause: unknown): unknown {
  if (cause instanceof ErpmaxError) return cause
  const reason = messageOf(cause)
    .replace(/^E[A-Z]+: /, '')
    .replace(/, [a-z]+( '.*)?$/, '')
  return new ErpmaxError('failure', 'output.unwritable', `${file} cannot be written: ${reason}`, {
    hint: 'Give another --output',
    details: { file, code: (cause as NodeJS.ErrnoException).code ?? null },
    // Not the error itself: its code is one that a lost connection has too.
    cause: new Error(messageOf(cause)),
  })
}
