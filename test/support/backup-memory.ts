/** Backups in memory: written by the program's own writer, read by its own reader. */
import { BackupWriter } from '../../src/schemas/backup/writer.js'
import { BlockReader, type Source } from '../../src/schemas/backup/reader.js'
import { Walk, type Problem } from '../../src/schemas/backup/walk.js'
import type { Head, Section } from '../../src/schemas/backup/manifest.js'

export interface VolumeContent {
  tenant: string | null
  /** What COPY sent, by table. */
  tables: Record<string, Buffer[]>
}

export function tableSection(schema: string, name: string): Section {
  return { kind: 'table', schema, name, group: 'crm', columns: ['id'] }
}

export function headOf(volume: VolumeContent, left: number): Head {
  const { tenant, tables } = volume
  return {
    scope: tenant === null ? 'installation' : 'tenant',
    program_version: '0.0.1',
    server_version: '18.4',
    created_at: '2026-11-21T06:00:00.000Z',
    tenant: tenant === null ? null : { id: uuid, subdomain: tenant, status: 'active', name: tenant },
    schema: tenant === null ? null : { name: `tenant_${tenant}`, version: '0001', fingerprint: 'f' },
    migrations: ['0001_states.sql'],
    groups: [{ name: 'crm', total: Object.keys(tables).length }],
    volumes_left: left,
  }
}

const uuid = '11111111-1111-4111-8111-111111111111'

/** The bytes of the file these volumes make. */
export async function written(volumes: readonly VolumeContent[]): Promise<Buffer> {
  const bytes: Buffer[] = []
  const writer = new BackupWriter(async (chunk) => void bytes.push(chunk))
  for (const [index, volume] of volumes.entries()) {
    await writer.beginVolume(headOf(volume, volumes.length - 1 - index))
    for (const [name, chunks] of Object.entries(volume.tables)) {
      await writer.beginSection(tableSection(`tenant_${volume.tenant}`, name))
      for (const chunk of chunks) await writer.take(chunk)
      await writer.endSection()
    }
    await writer.endVolume([])
  }
  await writer.finish()
  return Buffer.concat(bytes)
}

export function sourceOf(bytes: Buffer): Source {
  return {
    async read(buffer, offset, length, position) {
      return { bytesRead: bytes.copy(buffer, offset, position, Math.min(position + length, bytes.length)) }
    },
  }
}

/** All that is wrong with it. */
export async function problemsOf(bytes: Buffer): Promise<Problem[]> {
  const problems: Problem[] = []
  for await (const event of new Walk(new BlockReader(sourceOf(bytes))).events())
    if (event.event === 'problem') problems.push(event.problem)
  return problems
}

/** Where each block begins, what it is and in which section it lies. */
export async function blocksOf(bytes: Buffer): Promise<{ offset: number; kind: string }[]> {
  const blocks: { offset: number; kind: string }[] = []
  for await (const { offset, kind } of new BlockReader(sourceOf(bytes)).blocks())
    blocks.push({ offset, kind: kind ?? 'damaged' })
  return blocks
}
