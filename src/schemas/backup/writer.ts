/** Writes a backup block by block in constant memory: a few blocks are being compressed while the next one fills. */
import { createHash, type Hash } from 'node:crypto'
import { dataBytes, encodeBlock, mark, type BlockKind } from './block.js'
import type { Head, Manifest, SealedSection, Section, Sequence } from './manifest.js'

/** Takes bytes in order; resolves when they have been taken. */
export type Sink = (bytes: Buffer) => Promise<void>

export interface WrittenFile {
  bytes: number
  /** Of the whole file, as `sha256sum` gives it. */
  sha256: string
}

/** Blocks being compressed or written at once: enough to keep processors and disk busy, two megabytes each. */
const atOnce = 4
const newline = 0x0a

interface OpenSection {
  section: Section
  hash: Hash
  rows: number
  bytes: number
}

export class BackupWriter {
  #number = 0
  #bytes = 0
  #hash = createHash('sha256')
  /** What is under way, in the order of the file; each resolves when the sink has taken it. */
  #underWay: Promise<void>[] = []
  #block = Buffer.allocUnsafe(dataBytes)
  #filled = 0
  #open: OpenSection | null = null
  #sealed: SealedSection[] = []

  constructor(private readonly sink: Sink) {}

  /** Bytes of content taken so far, in this volume. */
  get taken(): number {
    return this.#sealed.reduce((sum, { bytes }) => sum + bytes, this.#open?.bytes ?? 0)
  }

  async beginVolume(head: Head): Promise<void> {
    if (this.#number === 0) await this.#queue(Promise.resolve(mark))
    this.#sealed = []
    await this.#put('HEAD', json(head))
  }

  async beginSection(section: Section): Promise<void> {
    await this.#put('SECT', json(section))
    this.#open = { section, hash: createHash('sha256'), rows: 0, bytes: 0 }
  }

  /** Any number of bytes of the open section. */
  async take(chunk: Buffer): Promise<void> {
    const open = this.#section()
    open.bytes += chunk.length
    for (let at = 0; at < chunk.length;) {
      const copied = chunk.copy(this.#block, this.#filled, at)
      at += copied
      this.#filled += copied
      if (this.#filled === dataBytes) await this.#putData(open)
    }
  }

  async endSection(): Promise<SealedSection> {
    const open = this.#section()
    if (this.#filled > 0) await this.#putData(open)
    const { kind, schema, name } = open.section
    const { rows, bytes } = open
    const sealed = { kind, schema, name, rows, bytes, sha256: open.hash.digest('hex') }
    this.#sealed.push(sealed)
    this.#open = null
    return sealed
  }

  async endVolume(sequences: Sequence[]): Promise<Manifest> {
    const tables = this.#sealed.filter(({ kind }) => kind === 'table')
    const manifest = {
      sections: this.#sealed,
      sequences,
      tables: tables.length,
      rows: tables.reduce((sum, { rows }) => sum + rows, 0),
      bytes: tables.reduce((sum, { bytes }) => sum + bytes, 0),
    }
    await this.#put('MANI', json(manifest))
    return manifest
  }

  /** After the last volume: everything has been given to the sink. */
  async finish(): Promise<WrittenFile> {
    await Promise.all(this.#underWay)
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') }
  }

  /** Waits for what is under way, so that nothing goes on behind an error. */
  async abandon(): Promise<void> {
    await Promise.allSettled(this.#underWay)
  }

  #section(): OpenSection {
    if (!this.#open) throw new Error('no section is open')
    return this.#open
  }

  async #putData(open: OpenSection): Promise<void> {
    const content = this.#block.subarray(0, this.#filled)
    open.hash.update(content)
    open.rows += newlinesIn(content)
    this.#block = Buffer.allocUnsafe(dataBytes)
    this.#filled = 0
    await this.#put('DATA', content)
  }

  async #put(kind: BlockKind, content: Buffer): Promise<void> {
    await this.#queue(encodeBlock(kind, this.#number++, content))
  }

  async #queue(block: Promise<Buffer>): Promise<void> {
    const before = this.#underWay.at(-1) ?? Promise.resolve()
    const written = Promise.all([block, before]).then(([bytes]) => this.#write(bytes))
    written.catch(() => {})
    this.#underWay.push(written)
    while (this.#underWay.length > atOnce) await this.#underWay.shift()
  }

  async #write(bytes: Buffer): Promise<void> {
    this.#hash.update(bytes)
    this.#bytes += bytes.length
    await this.sink(bytes)
  }
}

/** In COPY's text form each row ends with one, and nothing else is one. */
export function newlinesIn(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) count += 1
  return count
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}
