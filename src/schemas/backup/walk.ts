/** Goes through a backup from its first byte to its last: what is in it, in order, and all that is wrong with it. */
import { createHash, type Hash } from 'node:crypto'
import { ErpmaxError } from '../../kernel/errors.js'
import {
  parseBlock,
  sectionName,
  type Head,
  type Manifest,
  type SealedSection,
  type Section,
} from './manifest.js'
import { newlinesIn } from './writer.js'
import type { BlockReader, DamageKind, ReadBlock } from './reader.js'

/** Something that is not as it was written. */
export interface Problem {
  /** Bytes from the beginning of the file: where the damaged block begins, or where the file ends too early. */
  offset: number
  problem: DamageKind | 'trailing' | 'form' | 'contents'
  /** The tenant whose volume it lies in; null: the control plane's, or not known. */
  tenant: string | null
  /** `tenant_acme.customers`, `the control-plane rows`, `the head`, `the manifest`; null where it lies in none. */
  section: string | null
  message: string
}

export type WalkEvent =
  | { event: 'volume'; head: Head }
  | { event: 'section'; section: Section }
  | { event: 'data'; content: Buffer }
  | { event: 'manifest'; manifest: Manifest }
  | { event: 'problem'; problem: Problem }

interface OpenSection {
  /** Null where its opening block is damaged. */
  section: Section | null
  offset: number
  hash: Hash
  rows: number
  bytes: number
  /** Whether every block of it could be read. */
  whole: boolean
}

const words: Record<DamageKind, string> = {
  mark: 'The file does not begin as a backup does: it is none, or its beginning is damaged',
  version:
    'The file begins as a backup of another form does: a newer erpmax wrote it, or its beginning is damaged',
  header: 'The header of a block here, or right behind it, is damaged; nothing further can be read',
  content: 'A block is damaged',
  order: 'A block is not the one that belongs here; nothing further can be read',
  truncated: 'The file ends in the middle of a block',
}

/** Yields what it finds; a file is whole when no event is a problem. */
export class Walk {
  #head: Head | null = null
  /** `either`: behind a volume whose head is damaged, which alone says whether another one follows. */
  #place: 'start' | 'volume' | 'between' | 'either' | 'end' = 'start'
  /** Behind the last block that was read. */
  #end = 0
  #open: OpenSection | null = null
  #seen: OpenSection[] = []

  constructor(private readonly reader: BlockReader) {}

  async *events(): AsyncGenerator<WalkEvent, void, void> {
    for await (const block of this.reader.blocks()) {
      if (this.#place === 'end') {
        yield this.#problem(this.#end, 'trailing', null, 'There is something behind the end of the backup')
        return
      }
      if (block.kind === null) {
        yield this.#problem(block.offset, block.damage, this.#inside(), words[block.damage])
        return
      }
      yield* this.#take(block)
    }
    if (this.#place !== 'end' && this.#place !== 'either')
      yield this.#problem(this.reader.position, 'truncated', this.#inside(), 'The file ends too early')
  }

  *#take(block: Exclude<ReadBlock, { kind: null }>): Generator<WalkEvent, void, void> {
    const place = this.#place
    this.#end = block.end
    const misplaced = block.kind === 'HEAD' ? place === 'volume' : place !== 'volume'
    if (misplaced)
      yield this.#problem(block.offset, 'form', this.#inside(), `A ${block.kind} block does not belong here`)
    try {
      if (block.kind === 'HEAD') yield* this.#takeHead(block)
      else if (block.kind === 'SECT') yield* this.#takeSection(block)
      else if (block.kind === 'DATA') yield* this.#takeData(block)
      else yield* this.#takeManifest(block)
    } catch (error) {
      if (!(error instanceof ErpmaxError)) throw error
      yield this.#problem(block.offset, 'form', this.#inside(), error.message)
    }
  }

  *#takeHead({ content, offset }: ReadBlock): Generator<WalkEvent, void, void> {
    this.#place = 'volume'
    this.#seen = []
    this.#open = null
    this.#head = null
    if (content === null) return yield this.#problem(offset, 'content', 'the head', words.content)
    this.#head = parseBlock('HEAD', content)
    yield { event: 'volume', head: this.#head }
  }

  *#takeSection({ content, offset }: ReadBlock): Generator<WalkEvent, void, void> {
    const fresh = { offset, hash: createHash('sha256'), rows: 0, bytes: 0 }
    this.#open = { section: null, ...fresh, whole: content !== null }
    this.#seen.push(this.#open)
    // Which one it is only the manifest tells.
    if (content === null) return
    const section = parseBlock('SECT', content)
    this.#open.section = section
    yield { event: 'section', section }
  }

  *#takeData({ content, offset }: ReadBlock): Generator<WalkEvent, void, void> {
    const open = this.#open
    if (!open) return yield this.#problem(offset, 'form', null, 'A DATA block lies in no section')
    if (content === null) {
      open.whole = false
      if (open.section) yield this.#problem(offset, 'content', this.#inside(), words.content)
      return
    }
    open.hash.update(content)
    open.bytes += content.length
    open.rows += newlinesIn(content)
    yield { event: 'data', content }
  }

  *#takeManifest({ content, offset }: ReadBlock): Generator<WalkEvent, void, void> {
    this.#open = null
    this.#place = this.#head === null ? 'either' : this.#head.volumes_left > 0 ? 'between' : 'end'
    if (content === null) {
      yield* this.#unnamed(null)
      return yield this.#problem(offset, 'content', 'the manifest', words.content)
    }
    const manifest = parseBlock('MANI', content)
    yield* this.#unnamed(manifest)
    yield* this.#compare(manifest, offset)
    yield { event: 'manifest', manifest }
  }

  /** Sections whose opening block is damaged, by the names that the manifest has for them. */
  *#unnamed(manifest: Manifest | null): Generator<WalkEvent, void, void> {
    for (const [index, { section, offset }] of this.#seen.entries()) {
      if (section) continue
      const listed = manifest?.sections[index]
      yield this.#problem(offset, 'content', listed ? sectionName(listed) : null, words.content)
    }
  }

  *#compare(manifest: Manifest, offset: number): Generator<WalkEvent, void, void> {
    const { sections } = manifest
    if (sections.length !== this.#seen.length) {
      const message = `The manifest lists ${sections.length} sections, and there are ${this.#seen.length}`
      yield this.#problem(offset, 'contents', 'the manifest', message)
    }
    for (const [index, seen] of this.#seen.entries()) {
      const listed = sections[index]
      if (!listed || !seen.whole || !seen.section || isSame(seen, listed)) continue
      const message = `${listed.rows} rows and ${listed.bytes} bytes with another hash were written`
      yield this.#problem(seen.offset, 'contents', sectionName(listed), message)
    }
  }

  #inside(): string | null {
    if (this.#open?.section) return sectionName(this.#open.section)
    return this.#place === 'volume' ? (this.#seen.length > 0 ? null : 'the head') : null
  }

  #problem(
    offset: number,
    problem: Problem['problem'],
    section: string | null,
    message: string,
  ): WalkEvent & { event: 'problem' } {
    const tenant = this.#head?.tenant?.subdomain ?? null
    return { event: 'problem', problem: { offset, problem, tenant, section, message } }
  }
}

function isSame({ section, rows, bytes, hash }: OpenSection, listed: SealedSection): boolean {
  return (
    section !== null &&
    sectionName(section) === sectionName(listed) &&
    rows === listed.rows &&
    bytes === listed.bytes &&
    hash.copy().digest('hex') === listed.sha256
  )
}
