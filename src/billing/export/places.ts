/** Where a book goes: files that get their names together when all are whole, or a stream. */
import path from 'node:path'
import { makeFolder, OutputFile } from '../../kernel/output-file.js'

export interface WrittenFile {
  file: string
  /** Of a table; null for a document. */
  rows: number | null
  bytes: number
}

export interface BookPlace {
  /** What is written goes there from now on. */
  begin(ending: string): void
  write(text: string): Promise<void>
  end(rows: number | null): Promise<void>
  /** Once everything is written. */
  publish(): Promise<WrittenFile[]>
  /** Leaves nothing behind; does no harm after `publish`. */
  discard(): Promise<void>
}

/** Rows are short: so many characters are written at once. */
const gatheredLength = 1 << 16

export class BookFiles implements BookPlace {
  readonly #rows = new Map<OutputFile, number | null>()
  #current: OutputFile | undefined
  #gathered = ''

  private constructor(private readonly files: ReadonlyMap<string, OutputFile>) {}

  /**
   * @param name what the files have in common; each has its ending
   * @throws conflict `output.file_exists`; failure `output.unwritable`
   */
  static async create(
    folder: string,
    name: string,
    endings: readonly string[],
    force: boolean,
  ): Promise<BookFiles> {
    await makeFolder(folder)
    const files = new Map<string, OutputFile>()
    const place = new BookFiles(files)
    try {
      for (const ending of endings)
        files.set(ending, await OutputFile.create(path.join(folder, `${name}.${ending}`), force))
      return place
    } catch (error) {
      await place.discard()
      throw error
    }
  }

  begin(ending: string): void {
    this.#current = this.files.get(ending)
  }

  async write(text: string): Promise<void> {
    this.#gathered += text
    if (this.#gathered.length >= gatheredLength) await this.flush()
  }

  async end(rows: number | null): Promise<void> {
    await this.flush()
    if (this.#current) this.#rows.set(this.#current, rows)
  }

  async publish(): Promise<WrittenFile[]> {
    const written: WrittenFile[] = []
    for (const file of this.files.values())
      written.push({ file: file.file, rows: this.#rows.get(file) ?? null, bytes: await file.publish() })
    return written
  }

  async discard(): Promise<void> {
    for (const file of this.files.values()) await file.discard()
  }

  private async flush(): Promise<void> {
    const text = this.#gathered
    this.#gathered = ''
    if (text !== '') await this.#current?.write(Buffer.from(text))
  }
}

export class BookStream implements BookPlace {
  #gathered = ''

  constructor(private readonly to: (text: string) => Promise<void>) {}

  begin(): void {
    // There is one place.
  }

  async write(text: string): Promise<void> {
    this.#gathered += text
    if (this.#gathered.length >= gatheredLength) await this.end()
  }

  async end(): Promise<void> {
    const text = this.#gathered
    this.#gathered = ''
    if (text !== '') await this.to(text)
  }

  publish(): Promise<WrittenFile[]> {
    return Promise.resolve([])
  }

  discard(): Promise<void> {
    return Promise.resolve()
  }
}
