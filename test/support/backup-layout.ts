/** A backup taken apart by the description of its form alone, not by the program's reader; and put together again, altered. */
import { createHash } from 'node:crypto'
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'

export const markBytes = 16
export const headerBytes = 20
export const digestBytes = 32

export interface Block {
  kind: string
  offset: number
  /** Behind it. */
  end: number
  content: Buffer
  /** What it belongs to, in the words of `verify`. */
  section: string
  /** The tenant of its volume, of the volume before where it is a head. */
  tenant: string | null
  /** What had been opened in its volume before it; null at the beginning of a volume. */
  before: string | null
}

interface Named {
  kind: string
  schema: string | null
  name: string
}

/** Of a whole backup. */
export function blocksIn(file: Buffer): Block[] {
  const blocks: Block[] = []
  let before: string | null = null
  let tenant: string | null = null
  for (let offset = markBytes; offset < file.length;) {
    const kind = file.toString('latin1', offset, offset + 4)
    const from = offset + headerBytes
    const stored = file.readUInt32BE(offset + 8)
    const end = from + stored + digestBytes
    const content = inflateRawSync(file.subarray(from, from + stored))
    const opens: string | null = kind === 'SECT' ? nameOf(json(content) as unknown as Named) : before
    const section: string = kind === 'HEAD' ? 'the head' : kind === 'MANI' ? 'the manifest' : (opens ?? '')
    blocks.push({ ...{ kind, offset, end, content, section, tenant }, before })
    if (kind === 'HEAD') tenant = (json(content).tenant as { subdomain: string } | null)?.subdomain ?? null
    before = kind === 'MANI' ? null : section
    offset = end
  }
  return blocks
}

/** Where the byte lies: the mark, or a block and a part of it. */
export function placeOf(blocks: readonly Block[], offset: number): { block: Block | null; part: string } {
  const block = blocks.findLast((one) => one.offset <= offset) ?? null
  if (block === null) return { block, part: 'mark' }
  const part =
    offset < block.offset + headerBytes ? 'header' : offset < block.end - digestBytes ? 'content' : 'digest'
  return { block, part }
}

/** What `verify` has to say of this byte alone being another one. */
export function expectedProblem(
  blocks: readonly Block[],
  offset: number,
): { offset: number; problem: string; section: string | null; tenant: string | null } {
  const { block, part } = placeOf(blocks, offset)
  if (block === null) return { offset: 0, problem: 'mark', section: null, tenant: null }
  const { offset: at, kind, section, tenant, before } = block
  // With its header its kind is lost: only what it comes after is known.
  if (part === 'header') return { offset: at, problem: 'header', section: before, tenant }
  return { offset: at, problem: 'content', section, tenant: kind === 'HEAD' ? null : tenant }
}

/** The same backup with other contents in its blocks, each as whole as the program would have written it. */
export function rewritten(file: Buffer, change: (block: Block) => Buffer | null): Buffer {
  const changed = blocksIn(file).flatMap((block) => {
    const content = change(block)
    return content === null ? [] : [{ kind: block.kind, content }]
  })
  return Buffer.concat([
    file.subarray(0, markBytes),
    ...changed.map(({ kind, content }, number) => encoded(kind, number, content)),
  ])
}

/** The same with another JSON document in the first block of a kind. */
export function withDocument(
  file: Buffer,
  kind: string,
  change: (document: Record<string, unknown>) => unknown,
): Buffer {
  let first = true
  return rewritten(file, (block) => {
    if (block.kind !== kind || !first) return block.content
    first = false
    return Buffer.from(JSON.stringify(change(json(block.content))))
  })
}

/** The same with a manifest that lists what is in its sections now. */
export function resealed(file: Buffer): Buffer {
  const blocks = blocksIn(file)
  const contents: Buffer[][] = []
  for (const { kind, content } of blocks) {
    if (kind === 'SECT') contents.push([])
    if (kind === 'DATA') contents.at(-1)?.push(content)
  }
  return withDocument(file, 'MANI', (manifest) => ({
    ...manifest,
    sections: (manifest.sections as object[]).map((section, index) => {
      const content = Buffer.concat(contents[index] ?? [])
      return {
        ...section,
        bytes: content.length,
        rows: content.filter((byte) => byte === 10).length,
        sha256: createHash('sha256').update(content).digest('hex'),
      }
    }),
  }))
}

/** Lengths at which the file ends too early, one for each way of doing so: in and between the parts of its blocks. */
export function cutsIn(file: Buffer): number[] {
  const inBlocks = blocksIn(file).flatMap(({ offset, end }) => [
    ...[offset, offset + 1, offset + headerBytes, offset + headerBytes + 1],
    ...[end - digestBytes, end - 1],
  ])
  return [0, 1, markBytes - 1, ...inBlocks]
}

function encoded(kind: string, number: number, content: Buffer): Buffer {
  const stored = deflateRawSync(content)
  const header = Buffer.alloc(headerBytes)
  header.write(kind, 'latin1')
  for (const [index, value] of [number, stored.length, content.length].entries())
    header.writeUInt32BE(value, 4 + 4 * index)
  header.writeUInt32BE(crc32(header.subarray(0, 16)), 16)
  return Buffer.concat([header, stored, createHash('sha256').update(header).update(stored).digest()])
}

function json(content: Buffer): Record<string, unknown> {
  return JSON.parse(content.toString()) as Record<string, unknown>
}

function nameOf({ kind, schema, name }: Named): string {
  return kind === 'control' ? 'the control-plane rows' : `${schema}.${name}`
}
