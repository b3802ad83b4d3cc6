/** Reads a whole backup and says what it holds and whether it is as it was written. Needs no database. */
import { runWorkflow, type StepProgress, type WorkflowEvent } from '../kernel/workflow.js'
import { ErpmaxError } from '../kernel/errors.js'
import { openBackup } from '../schemas/backup/file.js'
import { Progress } from '../schemas/backup/progress.js'
import { BlockReader } from '../schemas/backup/reader.js'
import { Walk, type Problem, type WalkEvent } from '../schemas/backup/walk.js'
import type { Context } from '../kernel/context.js'
import type { FileHandle } from 'node:fs/promises'
import type { Head, Manifest, Section } from '../schemas/backup/manifest.js'

export interface BackupVerdict {
  file: string
  ok: boolean
  bytes: number
  /** Of the whole file; null where not all of it could be read. */
  sha256: string | null
  scope: 'tenant' | 'installation' | null
  created_at: string | null
  program_version: string | null
  server_version: string | null
  /** Whose data it holds: one tenant, or all of the installation. */
  tenants: VerifiedTenant[]
  /** As far as the manifests can be read. */
  tables: number
  rows: number
  problems: Problem[]
}

export interface VerifiedTenant {
  id: string
  subdomain: string
  status: string
  schema_version: string | null
  /** Null where its manifest cannot be read. */
  tables: number | null
  rows: number | null
}

/** A volume that is whole. */
export interface Volume {
  head: Head
  manifest: Manifest
}

export interface ReadBackup {
  verdict: BackupVerdict
  volumes: Volume[]
  /** The control document of a tenant's backup. */
  control: Buffer | null
}

const problemsKept = 100

export async function* verifyBackup(
  { signal }: Pick<Context, 'signal'>,
  file: string,
): AsyncGenerator<WorkflowEvent, BackupVerdict, void> {
  const handle = await openBackup(file)
  let verdict: BackupVerdict | undefined
  const step = {
    name: 'verify',
    title: `Read ${file}`,
    async *run() {
      verdict = (yield* readBackup({ signal }, handle, file)).verdict
      return `${verdict.rows} rows in ${verdict.tables} tables`
    },
  }
  try {
    yield* runWorkflow([step], {
      elapsed: () => performance.now(),
      canUndo: () => false,
      onUndone: () => {},
      checkInterrupted: () => requireUninterrupted(signal),
    })
  } finally {
    await handle.close()
  }
  if (!verdict) throw new Error('the backup was not read')
  return verdict
}

/**
 * To the end, whatever is wrong with it.
 * @param onSection told of each section with the head of its volume
 */
export async function* readBackup(
  { signal }: Pick<Context, 'signal'>,
  handle: FileHandle,
  file: string,
  onSection: (head: Head, section: Section) => void = () => {},
): AsyncGenerator<StepProgress, ReadBackup, void> {
  const reader = new BlockReader(handle)
  const found: { head: Head; manifest: Manifest | null }[] = []
  const problems: Problem[] = []
  const control: Buffer[] = []
  let isControl = false
  let progress = new Progress([])
  for await (const event of new Walk(reader).events()) {
    requireUninterrupted(signal)
    const last = found.at(-1)
    if (event.event === 'problem' && problems.length < problemsKept) problems.push(event.problem)
    if (event.event === 'volume') {
      found.push({ head: event.head, manifest: null })
      progress = new Progress(event.head.groups)
    }
    if (event.event === 'manifest' && last) last.manifest = event.manifest
    if (event.event === 'section') {
      isControl = event.section.kind === 'control' && found.length === 1
      if (last) onSection(last.head, event.section)
    }
    if (event.event === 'data' && isControl) control.push(event.content)
    yield* told(event, progress)
  }
  const { size } = await handle.stat()
  const whole = reader.position === size
  return {
    verdict: {
      ...{ file, ok: problems.length === 0, bytes: size, sha256: whole ? reader.sha256() : null },
      ...describe(found),
      problems,
    },
    volumes: found.flatMap(({ head, manifest }) => (manifest ? [{ head, manifest }] : [])),
    control: control.length > 0 ? Buffer.concat(control) : null,
  }
}

function* told(event: WalkEvent, progress: Progress): Generator<StepProgress, void, void> {
  if (event.event === 'section' && event.section.kind === 'table') yield progress.done(event.section)
  if (event.event !== 'data') return
  progress.add(event.content.length)
  if (progress.isDue()) yield progress.again()
}

function describe(
  found: readonly { head: Head; manifest: Manifest | null }[],
): Omit<BackupVerdict, 'file' | 'ok' | 'bytes' | 'sha256' | 'problems'> {
  const first = found[0]?.head
  return {
    scope: first?.scope ?? null,
    created_at: first?.created_at ?? null,
    program_version: first?.program_version ?? null,
    server_version: first?.server_version ?? null,
    tenants: found.flatMap(({ head: { tenant, schema }, manifest }) =>
      tenant
        ? [
            {
              ...{ id: tenant.id, subdomain: tenant.subdomain, status: tenant.status },
              schema_version: schema?.version ?? null,
              ...{ tables: manifest?.tables ?? null, rows: manifest?.rows ?? null },
            },
          ]
        : [],
    ),
    tables: found.reduce((sum, { manifest }) => sum + (manifest?.tables ?? 0), 0),
    rows: found.reduce((sum, { manifest }) => sum + (manifest?.rows ?? 0), 0),
  }
}

function requireUninterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw new ErpmaxError('interrupted', 'interrupted', 'Interrupted')
}
