/** A backup that is not as it was written: verify says where, and nothing is written from it. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { backedUp, backUp, restore, schemas, verify, type BackedUp } from '../support/backed-up.js'
import {
  blocksIn,
  cutsIn,
  digestBytes,
  expectedProblem,
  headerBytes,
  markBytes,
  resealed,
  rewritten,
  withDocument,
  type Block,
} from '../support/backup-layout.js'
import { controlPlane, schemaContent } from '../support/dump.js'
import { rejection } from '../support/errors.js'
import { full, times } from '../support/place.js'
import type { ErpmaxError } from '../../src/kernel/errors.js'

describe('a damaged backup', () => {
  let all: BackedUp
  let whole: Buffer
  let blocks: Block[]
  let file: string
  let untouched: unknown

  before(async () => {
    all = await backedUp()
    const made = await backUp(all.ctx, all.tenant, path.join(all.folder, 'whole.erpmax-backup'))
    whole = readFileSync(made.file)
    blocks = blocksIn(whole)
    file = path.join(all.folder, 'altered.erpmax-backup')
  })

  /** Every row of the control plane and of the tenant, and which schemas there are. */
  const everything = async (): Promise<unknown> => [
    [...(await controlPlane(all.place))].sort(),
    await schemaContent(all.place, all.tenant.schema),
    await schemas(all.place),
  ]

  const changedAt = (offset: number, by: number): Buffer => {
    const changed = Buffer.from(whole)
    changed[offset] = (changed[offset] ?? 0) ^ by
    return changed
  }

  async function told(bytes: Buffer): Promise<Record<string, unknown>[]> {
    writeFileSync(file, bytes)
    const { ok, problems } = await verify(all.ctx, file)
    expect(ok).to.equal(problems.length === 0)
    return problems.map(({ message: _message, ...problem }) => problem)
  }

  it('is one where any byte is another, and verify names the block and the table', async () => {
    expect(await told(whole)).to.deep.equal([])
    // As often in each kind of block, and in each part of one, as in what there is most of.
    const kinds = ['HEAD', 'SECT', 'DATA', 'MANI'].map((kind) => blocks.filter((one) => one.kind === kind))
    for (const found of kinds) expect(found).to.not.have.length(0)
    const inPart = ({ offset, end }: Block, part: number, at: number): number => {
      const edges = [offset, offset + headerBytes, end - digestBytes, end]
      const [from = 0, to = 0] = edges.slice(part)
      return from + Math.floor(at * (to - from))
    }
    const places = fc.oneof(
      fc.integer({ min: markBytes, max: whole.length - 1 }),
      fc
        .tuple(
          fc.constantFrom(...kinds).chain((found) => fc.constantFrom(...found)),
          fc.nat(2),
          fc.nat(999),
        )
        .map(([block, part, at]) => inPart(block, part, at / 1000)),
    )
    const altered = fc.asyncProperty(places, fc.integer({ min: 1, max: 255 }), async (offset, by) => {
      expect(await told(changedAt(offset, by))).to.deep.equal([expectedProblem(blocks, offset)])
    })
    await fc.assert(altered, { numRuns: times(40, 1500) })
  })

  it('is one that ends too early, wherever', async () => {
    const cuts = cutsIn(whole)
    // In the short run a few of each way; the last blocks are where nothing but the end is missing.
    const chosen = full
      ? cuts
      : cuts.filter((_, index) => index < 12 || index % 97 === 0 || index >= cuts.length - 6)
    for (const length of chosen) {
      const [problem, ...more] = await told(whole.subarray(0, length))
      expect(more).to.deep.equal([])
      if (length < markBytes) expect(problem).to.include({ problem: 'mark', offset: 0 })
      else expect(problem, `${length} bytes`).to.include({ problem: 'truncated', offset: length })
    }
  })

  describe('writes nothing', () => {
    before(async () => {
      untouched = await everything()
    })
    afterEach(async () => {
      expect(await everything()).to.deep.equal(untouched)
    })

    /** In either place: the tenant's own and a new one's. */
    async function refused(bytes: Buffer, code: string): Promise<void> {
      writeFileSync(file, bytes)
      for (const as of [null, 'never-made']) {
        const error = (await rejection(restore(all.ctx, file, as))) as ErpmaxError
        expect(error, error.message).to.include({ code })
      }
    }

    const last = (kind: string): Block => {
      const found = blocks.findLast((block) => block.kind === kind)
      if (!found) throw new Error(`no ${kind} block`)
      return found
    }
    const first = (kind: string): Block => {
      const found = blocks.find((block) => block.kind === kind)
      if (!found) throw new Error(`no ${kind} block`)
      return found
    }

    it('with a byte changed in any part of any kind of block', async () => {
      for (const kind of ['HEAD', 'SECT', 'DATA', 'MANI']) {
        const { offset, end } = last(kind)
        for (const at of [offset + 9, offset + headerBytes + 3, end - 1])
          await refused(changedAt(at, 0x10), 'backup.damaged')
      }
    })

    it('cut off between two blocks, in one, and before its manifest', async () => {
      const { offset, end } = last('DATA')
      for (const length of [end, offset + headerBytes + 2, last('MANI').offset, whole.length - 1])
        await refused(whole.subarray(0, length), 'backup.damaged')
    })

    it('with something behind its end, with a block twice, or without one', async () => {
      const { offset, end } = last('DATA')
      await refused(Buffer.concat([whole, Buffer.from('x')]), 'backup.damaged')
      await refused(Buffer.concat([whole.subarray(0, end), whole.subarray(offset)]), 'backup.damaged')
      await refused(Buffer.concat([whole.subarray(0, offset), whole.subarray(end)]), 'backup.damaged')
    })

    it('put together anew, each block whole, with other rows than its manifest lists', async () => {
      const { offset } = last('DATA')
      const other = rewritten(whole, (block) =>
        block.offset === offset ? Buffer.concat([block.content, block.content]) : block.content,
      )
      const without = rewritten(whole, (block) => (block.offset === offset ? null : block.content))
      for (const bytes of [other, without]) {
        const [problem] = await told(bytes)
        expect(problem).to.include({ problem: 'contents', section: last('DATA').section, tenant: 'kept' })
        await refused(bytes, 'backup.damaged')
      }
      // The means themselves leave a backup whole.
      expect(await told(rewritten(whole, ({ content }) => content))).to.deep.equal([])
    })

    it('that is none', async () => {
      for (const text of ['', 'erpmax', 'root:x:0:0:root:/root:/bin/sh\n', '%PDF-1.7\n'.repeat(9)])
        await refused(Buffer.from(text), 'backup.foreign')
    })

    it('of a newer form', async () => {
      await refused(
        Buffer.concat([Buffer.from('erpmax-backup 2\n'), whole.subarray(markBytes)]),
        'backup.form_unknown',
      )
      await refused(
        withDocument(whole, 'HEAD', ({ scope: _scope, ...rest }) => rest),
        'backup.form_unknown',
      )
      // The document of the control plane is the first data there is.
      const unknown = (block: Block): Buffer =>
        block.offset === first('DATA').offset ? Buffer.from('{"profile": null}') : block.content
      await refused(resealed(rewritten(whole, unknown)), 'backup.form_unknown')
    })

    it('of another version of the schema', async () => {
      const newer = { version: '0099', fingerprint: 'f'.repeat(32) }
      const changed = withDocument(whole, 'HEAD', (head) => ({
        ...head,
        schema: { ...(head.schema as object), ...newer },
      }))
      expect(await told(changed)).to.deep.equal([])
      await refused(changed, 'backup.schema_version')
    })

    it('of a whole installation, or of a tenant that is not here', async () => {
      const none = { scope: 'installation', tenant: null, schema: null }
      await refused(
        withDocument(whole, 'HEAD', (head) => ({ ...head, ...none })),
        'backup.of_installation',
      )
      const tenant = {
        id: '11111111-1111-4111-8111-111111111111',
        subdomain: 'gone',
        status: 'active',
        name: 'G',
      }
      writeFileSync(
        file,
        withDocument(whole, 'HEAD', (head) => ({ ...head, tenant })),
      )
      expect(await rejection(restore(all.ctx, file))).to.include({ code: 'backup.tenant_gone' })
    })

    it('that is not there', async () => {
      for (const missing of [path.join(all.folder, 'nothing'), all.folder])
        expect((await rejection(restore(all.ctx, missing))) as ErpmaxError)
          .to.have.property('code')
          .that.is.oneOf(['backup.file_missing', 'backup.unreadable'])
    })
  })
})
