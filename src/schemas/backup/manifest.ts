/** What a backup says of itself, as JSON inside its blocks: the head of a volume, its sections, its manifest. */
import * as z from 'zod'
import { ErpmaxError } from '../../kernel/errors.js'

const count = z.number().int().nonnegative()
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

const schemaIdentity = z.object({
  name: z.string(),
  version: z.string().nullable(),
  fingerprint: z.string(),
})

const tenantIdentity = z.object({
  id: z.uuid(),
  subdomain: z.string(),
  status: z.string(),
  name: z.string(),
})

/** The first block of a volume. A tenant's backup has one volume, that of an installation one more than it has schemas. */
const head = z.object({
  scope: z.enum(['tenant', 'installation']),
  program_version: z.string(),
  server_version: z.string(),
  created_at: z.iso.datetime(),
  /** Of a tenant's volume. */
  tenant: tenantIdentity.nullable(),
  schema: schemaIdentity.nullable(),
  /** Migrations of the control plane that had been applied. */
  migrations: z.array(z.string()),
  /** How many sections the volume has in each group: a module, the control plane. */
  groups: z.array(z.object({ name: z.string(), total: count })),
  /** How many volumes come after this one. */
  volumes_left: count,
})
export type Head = z.infer<typeof head>

/** Opens a section. `control`: one JSON document; `table`: what COPY sent of a table, its columns in this order. */
const section = z.object({
  kind: z.enum(['control', 'table']),
  /** The schema's name, `public`, or null for the control document. */
  schema: z.string().nullable(),
  name: z.string(),
  group: z.string(),
  columns: z.array(z.string()),
})
export type Section = z.infer<typeof section>

const sealed = z.object({
  kind: section.shape.kind,
  schema: section.shape.schema,
  name: z.string(),
  rows: count,
  bytes: count,
  sha256,
})
/** A section as the manifest lists it: what must come out when its blocks are put together. */
export type SealedSection = z.infer<typeof sealed>

const sequence = z.object({
  schema: z.string(),
  name: z.string(),
  last_value: z.string().regex(/^-?\d+$/),
  is_called: z.boolean(),
})
export type Sequence = z.infer<typeof sequence>

/** The last block of a volume. */
const manifest = z.object({
  sections: z.array(sealed),
  sequences: z.array(sequence),
  /** Of its tables. */
  tables: count,
  rows: count,
  bytes: count,
})
export type Manifest = z.infer<typeof manifest>

const shapes = { HEAD: head, SECT: section, MANI: manifest }
interface Parsed {
  HEAD: Head
  SECT: Section
  MANI: Manifest
}

/** @throws `backup.form_unknown`: a whole block, but not one that this program writes */
export function parseBlock<Kind extends keyof Parsed>(kind: Kind, content: Buffer): Parsed[Kind] {
  let value: unknown
  try {
    value = JSON.parse(content.toString('utf8'))
  } catch {
    value = null
  }
  const parsed = shapes[kind].safeParse(value)
  if (parsed.success) return parsed.data as Parsed[Kind]
  throw new ErpmaxError(
    'failure',
    'backup.form_unknown',
    `A ${kind} block of the backup is not of a form this program knows`,
    { hint: 'Use the version of erpmax that wrote it', details: { issues: parsed.error.issues.slice(0, 3) } },
  )
}

/** How a section is named to people: `acme.customers`, `control`. */
export function sectionName({ kind, schema, name }: Pick<Section, 'kind' | 'schema' | 'name'>): string {
  return kind === 'control' ? 'the control-plane rows' : `${schema}.${name}`
}
