/** The form of a backup: what goes in comes out, and no byte can be changed, lost or added unseen. */
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { dataBytes, headerBytes, mark } from '../../src/schemas/backup/block.js'
import { BackupCursor } from '../../src/schemas/backup/cursor.js'
import { BlockReader } from '../../src/schemas/backup/reader.js'
import { Walk } from '../../src/schemas/backup/walk.js'
import { blocksIn, expectedProblem, markBytes } from '../support/backup-layout.js'
import { blocksOf, problemsOf, sourceOf, written, type VolumeContent } from '../support/backup-memory.js'
import { rejection } from '../support/errors.js'
import { times } from '../support/place.js'

/** Lines of letters that compress badly enough to fill several blocks. */
function lines(count: number, seed: string): Buffer {
  return Buffer.from(
    Array.from({ length: count }, (_, index) => {
      const word = createHash('sha256').update(`${seed}${index}`).digest('base64')
      return `${index}\t${word}\t\\N\n`
    }).join(''),
  )
}

const customers = lines(30_000, 'customers')
const orders = lines(700, 'orders')
const volumes: VolumeContent[] = [
  { tenant: null, tables: { tenants: [lines(3, 'tenants')] } },
  { tenant: 'acme', tables: { customers: [customers], nothing: [], orders: [orders] } },
]

describe('backup file', () => {
  let file: Buffer
  before(async () => {
    file = await written(volumes)
  })

  it('is whole as it was written, whatever the chunks were', async () => {
    expect(await problemsOf(file)).to.deep.equal([])
    expect(customers.length).to.be.greaterThan(dataBytes)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 600_000 }), { maxLength: 8 }), async (cuts) => {
        const chunks: Buffer[] = []
        let at = 0
        for (const cut of cuts) chunks.push(customers.subarray(at, (at += cut)))
        chunks.push(customers.subarray(at))
        const [platform, acme] = volumes as [VolumeContent, VolumeContent]
        const again = await written([platform, { ...acme, tables: { ...acme.tables, customers: chunks } }])
        expect(again.equals(file)).to.equal(true)
      }),
      { numRuns: 5 },
    )
  })

  it('gives back each section with its rows, bytes and hash', async () => {
    const manifests = []
    for await (const event of new Walk(new BlockReader(sourceOf(file))).events())
      if (event.event === 'manifest') manifests.push(event.manifest)
    expect(manifests[1]?.sections.map(({ name, rows, bytes }) => ({ name, rows, bytes }))).to.deep.equal([
      { name: 'customers', rows: 30_000, bytes: customers.length },
      { name: 'nothing', rows: 0, bytes: 0 },
      { name: 'orders', rows: 700, bytes: orders.length },
    ])
    expect(manifests[1]?.sections[0]?.sha256).to.equal(createHash('sha256').update(customers).digest('hex'))
    expect(manifests[1]).to.include({ tables: 3, rows: 30_700, bytes: customers.length + orders.length })
    const cursor = new BackupCursor(sourceOf(file))
    await cursor.nextVolume()
    expect((await cursor.nextVolume())?.tenant?.subdomain).to.equal('acme')
    // A section that is not read is passed over.
    expect((await cursor.nextSection())?.name).to.equal('customers')
    expect((await cursor.nextSection())?.name).to.equal('nothing')
    expect((await cursor.nextSection())?.name).to.equal('orders')
    expect((await cursor.content()).equals(orders)).to.equal(true)
    expect(await cursor.nextSection()).to.equal(null)
    expect(await cursor.nextVolume()).to.equal(null)
  })

  it('each byte changed to any other is found, and where it lies', async () => {
    const tables = { customers: [lines(2, 'a')], nothing: [], orders: [lines(1, 'b')] }
    const small = await written([
      { tenant: null, tables: { tenants: [lines(1, 'tenants')] } },
      { tenant: 'acme', tables },
    ])
    const blocks = blocksIn(small)
    expect(blocks.at(-1)?.end).to.equal(small.length)
    for (let offset = 0; offset < small.length; offset++) {
      for (let round = 0; round < times(1, 16); round++) {
        const changed = Buffer.from(small)
        changed[offset] = (changed[offset] ?? 0) ^ (1 + ((offset * 7 + round * 16) % 255))
        const [found, ...more] = await problemsOf(changed)
        const { message: _message, ...problem } = found ?? { message: '' }
        // By its mark alone it may be one of another form.
        if (offset < markBytes && found?.problem === 'version') continue
        expect(problem, `byte ${offset}`).to.deep.equal(expectedProblem(blocks, offset))
        expect(more).to.deep.equal([])
      }
    }
  })

  it('each length that is too short is found, and where it ends', async () => {
    const small = await written([{ tenant: 'acme', tables: { orders: [lines(1, 'b')] } }])
    for (let length = 0; length < small.length; length++) {
      const found = (await problemsOf(small.subarray(0, length))).map(({ problem, offset }) => ({
        ...{ problem, offset },
      }))
      const cut = { problem: 'truncated', offset: length }
      expect(found).to.deep.equal([length < markBytes ? { problem: 'mark', offset: 0 } : cut])
    }
  })

  it('is told from what is none and from one of another form', async () => {
    const told = async (bytes: Buffer) => (await problemsOf(bytes)).map(({ problem }) => problem)
    for (const other of ['', 'root:x:0:0:root\n', 'PK\x03\x04 erpmax-backup 1\n', 'erpmax-backup x\n'])
      expect(await told(Buffer.from(other))).to.deep.equal(['mark'])
    for (const other of ['erpmax-backup 2\n', 'erpmax-backup 12\n'])
      expect(await told(Buffer.concat([Buffer.from(other), file.subarray(16)]))).to.deep.equal(['version'])
  })

  it('one bit changed anywhere is found, in the block it lies in', async () => {
    const blocks = await blocksOf(file)
    await fc.assert(
      fc.asyncProperty(
        // As often in the small blocks as in the large ones.
        fc.oneof(
          fc.integer({ min: 0, max: file.length - 1 }),
          fc
            .tuple(fc.nat(blocks.length - 1), fc.nat(200))
            .map(([index, beyond]) => Math.min((blocks[index]?.offset ?? 0) + beyond, file.length - 1)),
          fc.nat(mark.length - 1),
        ),
        fc.nat(7),
        async (offset, bit) => {
          const changed = Buffer.from(file)
          changed[offset] = (changed[offset] ?? 0) ^ (1 << bit)
          const problems = await problemsOf(changed)
          const block = blocks.findLast((one) => one.offset <= offset)
          expect(problems, `byte ${offset}`).to.have.length(1)
          expect(problems[0]?.offset).to.equal(block?.offset ?? 0)
          const inHeader = block && offset < block.offset + headerBytes
          expect(problems[0]?.problem).to.be.oneOf(
            !block ? ['mark', 'version'] : [inHeader ? 'header' : 'content'],
          )
        },
      ),
      { numRuns: 300 },
    )
  })

  it('says in which section a changed byte lies', async () => {
    const blocks = await blocksOf(file)
    const sections = ['SECT', 'DATA', 'HEAD', 'MANI'].map((kind) => {
      const places = blocks.filter((block) => block.kind === kind)
      return (places.at(-1)?.offset ?? 0) + headerBytes + 3
    })
    const found = []
    for (const offset of sections) {
      const changed = Buffer.from(file)
      changed[offset] = (changed[offset] ?? 0) ^ 1
      found.push((await problemsOf(changed)).map(({ section, tenant }) => ({ section, tenant }))[0])
    }
    expect(found).to.deep.equal([
      { section: 'tenant_acme.orders', tenant: 'acme' },
      { section: 'tenant_acme.orders', tenant: 'acme' },
      { section: 'the head', tenant: null },
      { section: 'the manifest', tenant: 'acme' },
    ])
  })

  it('two places are both told', async () => {
    const data = (await blocksOf(file)).filter(({ kind }) => kind === 'DATA').map(({ offset }) => offset)
    const changed = Buffer.from(file)
    for (const offset of [data[1] ?? 0, data.at(-1) ?? 0])
      changed[offset + headerBytes] = (changed[offset + headerBytes] ?? 0) ^ 1
    expect((await problemsOf(changed)).map(({ offset }) => offset)).to.deep.equal([data[1], data.at(-1)])
  })

  it('truncated anywhere is found, and so is anything behind its end', async () => {
    const blocks = await blocksOf(file)
    const cuts = fc.oneof(
      fc.nat(file.length - 1),
      // Between two blocks, and between the volumes, nothing looks broken.
      fc.nat(blocks.length - 1).map((index) => blocks[index]?.offset ?? 0),
    )
    await fc.assert(
      fc.asyncProperty(cuts, async (length) => {
        const problems = await problemsOf(file.subarray(0, length))
        expect(problems, `${length} bytes`).to.have.length(1)
        expect(problems[0]?.problem).to.equal(length < mark.length ? 'mark' : 'truncated')
        if (length >= mark.length) expect(problems[0]?.offset).to.equal(length)
      }),
      { numRuns: 100 },
    )
    for (const more of [Buffer.from('x'), file, file.subarray(mark.length)]) {
      const problems = await problemsOf(Buffer.concat([file, more]))
      expect(problems.map(({ problem, offset }) => ({ problem, offset }))).to.deep.equal([
        { problem: 'trailing', offset: file.length },
      ])
    }
  })

  it('blocks that are whole but not in their place are found', async () => {
    const data = (await blocksOf(file)).filter(({ kind }) => kind === 'DATA').map(({ offset }) => offset)
    const [first = 0, second = 0, third = 0] = data.slice(1)
    const without = Buffer.concat([file.subarray(0, first), file.subarray(second)])
    const swapped = Buffer.concat([
      file.subarray(0, first),
      file.subarray(second, third),
      file.subarray(first, second),
      file.subarray(third),
    ])
    for (const changed of [without, swapped])
      expect((await problemsOf(changed)).map(({ problem, offset }) => ({ problem, offset }))).to.deep.equal([
        { problem: 'order', offset: first },
      ])
  })

  it('a cursor stops at the first damage', async () => {
    const data = (await blocksOf(file)).filter(({ kind }) => kind === 'DATA').map(({ offset }) => offset)
    const changed = Buffer.from(file)
    const at = (data[1] ?? 0) + headerBytes
    changed[at] = (changed[at] ?? 0) ^ 1
    const cursor = new BackupCursor(sourceOf(changed))
    await cursor.nextVolume()
    await cursor.nextVolume()
    await cursor.nextSection()
    expect(await rejection(cursor.content())).to.include({ code: 'backup.changed' })
  })
})
