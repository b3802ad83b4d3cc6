/** Reads a backup block by block in constant memory, and says where a byte is not what was written. */
import { createHash } from 'node:crypto'
import {
  decodeContent,
  decodeHeader,
  digestBytes,
  headerBytes,
  isOtherForm,
  mark,
  type BlockHeader,
  type BlockKind,
} from './block.js'

/** What is read from: a file that is open. */
export interface Source {
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ bytesRead: number }>
}

/**
 * `mark`: it does not begin as a backup does. `version`: it begins as one of another form does.
 * `header`: what follows cannot be told apart any more.
 */
export type DamageKind = 'mark' | 'version' | 'header' | 'content' | 'order' | 'truncated'

export type ReadBlock =
  | { kind: BlockKind; offset: number; end: number; content: Buffer; damage: null }
  /** The content of one block; the blocks after it are as good as ever. */
  | { kind: BlockKind; offset: number; end: number; content: null; damage: 'content' }
  /** Nothing can be read from here on. */
  | { kind: null; offset: number; content: null; damage: Exclude<DamageKind, 'content'> }

/** A promise inside, so that it can be handed on without being waited for. */
interface Decoding {
  block: Promise<ReadBlock>
}

/** Blocks being decompressed while one is used. */
const ahead = 2

export class BlockReader {
  #hash = createHash('sha256')
  #position = 0
  #number = 0

  constructor(private readonly file: Source) {}

  /** Bytes read so far. */
  get position(): number {
    return this.#position
  }

  /** Of all that was read: the whole file once `blocks` has come to its end without fatal damage. */
  sha256(): string {
    return this.#hash.copy().digest('hex')
  }

  /** Ends at the end of the file, or behind the first block after which nothing can be read. */
  async *blocks(): AsyncGenerator<ReadBlock, void, void> {
    const first = await this.#take(mark.length)
    if (!first.equals(mark)) {
      yield { kind: null, offset: 0, content: null, damage: isOtherForm(first) ? 'version' : 'mark' }
      return
    }
    const decoding: Decoding[] = []
    for (let ended = false; !ended || decoding.length > 0;) {
      while (!ended && decoding.length <= ahead) {
        const next = await this.#next()
        if (next === null) ended = true
        else {
          next.block.catch(() => {})
          decoding.push(next)
        }
      }
      const first = decoding.shift()
      if (!first) return
      const block = await first.block
      yield block
      if (block.kind === null) return
    }
  }

  /** The next block being decoded; null at the end of the file. */
  async #next(): Promise<Decoding | null> {
    const offset = this.#position
    const fatal = (damage: Exclude<DamageKind, 'content'>, at = offset): Decoding => ({
      block: Promise.resolve({ kind: null, offset: at, content: null, damage }),
    })
    const bytes = await this.#take(headerBytes)
    if (bytes.length === 0) return null
    if (bytes.length < headerBytes) return fatal('truncated', this.#position)
    const header = decodeHeader(bytes)
    if (!header) return fatal('header')
    if (header.number !== this.#number++) return fatal('order')
    const rest = await this.#take(header.stored + digestBytes)
    if (rest.length < header.stored + digestBytes) return fatal('truncated', this.#position)
    return { block: decode(offset, bytes, header, rest) }
  }

  /** As many bytes, or as many as there are. */
  async #take(length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length)
    let filled = 0
    while (filled < length) {
      const { bytesRead } = await this.file.read(buffer, filled, length - filled, this.#position + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    this.#position += filled
    const taken = buffer.subarray(0, filled)
    this.#hash.update(taken)
    return taken
  }
}

async function decode(offset: number, bytes: Buffer, header: BlockHeader, rest: Buffer): Promise<ReadBlock> {
  const content = await decodeContent(
    bytes,
    header,
    rest.subarray(0, header.stored),
    rest.subarray(header.stored),
  )
  const place = { kind: header.kind, offset, end: offset + bytes.length + rest.length }
  return content === null ? { ...place, content, damage: 'content' } : { ...place, content, damage: null }
}
