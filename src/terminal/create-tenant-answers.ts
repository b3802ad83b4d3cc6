/** The answers of `tenant create`: flags over the file of --from over prompts; a missing one is an error elsewhere. */
import { readFile } from 'node:fs/promises'
import { Flags } from '@oclif/core'
import * as z from 'zod'
import { ErpmaxError } from '../kernel/errors.js'
import { subdomainFrom } from '../tenants/subdomain.js'
import { companySizes, gstTreatments, languages } from '../tenants/profile.js'
import { readSecretFromStdin } from './secrets.js'
import { toCreateTenantInput, type FileAnswers } from './create-tenant-input.js'
import type { Context } from '../kernel/context.js'
import type { Secret } from '../kernel/secret.js'
import type { CreateTenantInput } from '../workflows/create-tenant.js'
import type { Plan } from './create-tenant-prompts.js'
import type { Terminal } from './terminal.js'

const company = 'COMPANY'
const plan = 'SUBSCRIPTION'
const people = 'ADMINISTRATOR'

export const createTenantFlags = {
  name: Flags.string({ description: 'name of the company', helpGroup: company }),
  'from-name': Flags.boolean({ description: 'make the subdomain from the name', helpGroup: company }),
  'legal-name': Flags.string({
    description: 'as registered; the name where it is left out',
    helpGroup: company,
  }),
  industry: Flags.string({ description: 'what the company does', helpGroup: company }),
  size: Flags.string({ description: 'number of employees', options: [...companySizes], helpGroup: company }),
  country: Flags.string({ description: 'ISO 3166 code; IN where it is left out', helpGroup: company }),
  state: Flags.string({
    description: 'ISO 3166-2 suffix (MH) or, in India, the GST code (27)',
    helpGroup: company,
  }),
  gstin: Flags.string({ description: 'GSTIN, India', exclusive: ['vat-id'], helpGroup: company }),
  'gst-treatment': Flags.string({
    description: "how India's GST sees the customer; derived from country and GSTIN where it is left out",
    options: [...gstTreatments],
    helpGroup: company,
  }),
  'vat-id': Flags.string({ description: 'VAT id, elsewhere', helpGroup: company }),
  'billing-email': Flags.string({
    description: 'where invoices go; the administrator where it is left out',
    helpGroup: company,
  }),
  'address-line1': Flags.string({ description: 'street and number', helpGroup: company }),
  'address-line2': Flags.string({ description: 'second line of the address', helpGroup: company }),
  city: Flags.string({ description: 'city', helpGroup: company }),
  'postal-code': Flags.string({ description: 'postal code', helpGroup: company }),
  'time-zone': Flags.string({
    description: 'IANA name; the country decides where it is left out',
    helpGroup: company,
  }),
  currency: Flags.string({ description: 'ISO 4217 code; INR in India, USD elsewhere', helpGroup: company }),
  language: Flags.string({
    description: 'language of documents and mails',
    options: [...languages],
    helpGroup: company,
  }),
  modules: Flags.string({ char: 'm', description: 'modules to subscribe to, by comma', helpGroup: plan }),
  tier: Flags.string({ description: 'FREE, STARTER, PROFESSIONAL or ENTERPRISE', helpGroup: plan }),
  cycle: Flags.string({ description: 'billing cycle', options: ['monthly', 'annual'], helpGroup: plan }),
  'trial-days': Flags.integer({
    description: 'days before the first charge; 0 starts paid at once',
    helpGroup: plan,
  }),
  'admin-email': Flags.string({ description: 'e-mail of the first administrator', helpGroup: people }),
  'admin-name': Flags.string({ description: 'name of the first administrator', helpGroup: people }),
  'password-stdin': Flags.boolean({
    description: "read the administrator's password from stdin; without one an invitation link is made",
    helpGroup: people,
  }),
  from: Flags.string({
    description: 'a JSON file with the answers, named like the flags (admin_email, trial_days); flags win',
  }),
  'if-not-exists': Flags.boolean({ description: 'succeed where the tenant is there already' }),
}

/** What the flags give; every one optional. */
export interface CreateTenantFlags extends FileAnswers {
  'from-name'?: boolean | undefined
  'password-stdin'?: boolean | undefined
  'if-not-exists'?: boolean | undefined
  from?: string | undefined
}

const answer = z.string().optional()

/** The file of --from: the flags' names with underscores; modules may be a list. */
const fileSchema = z.strictObject({
  ...{
    subdomain: answer,
    name: answer,
    legal_name: answer,
    industry: answer,
    size: answer,
    country: answer,
    state: answer,
  },
  ...{
    gstin: answer,
    gst_treatment: answer,
    vat_id: answer,
    billing_email: answer,
    address_line1: answer,
    address_line2: answer,
    city: answer,
  },
  ...{
    postal_code: answer,
    time_zone: answer,
    currency: answer,
    language: answer,
    tier: answer,
    cycle: answer,
  },
  ...{ admin_email: answer, admin_name: answer },
  modules: z.union([z.string(), z.array(z.string()).transform((list) => list.join(','))]).optional(),
  trial_days: z.number().int().optional(),
})

/**
 * @param given flags and the argument, by their names; completes them by asking where a person is there
 * @param plan what the answers come to, for the review
 * @returns also the command that gives the same answers, where some of them came from a dialogue
 */
export async function createTenantAnswers(
  ctx: Pick<Context, 'db' | 'clock' | 'signal'>,
  given: CreateTenantFlags,
  terminal: Terminal,
  plan: Plan,
): Promise<{ input: CreateTenantInput; command: string | null }> {
  const answers: FileAnswers = { ...(given.from ? await readAnswers(given.from) : {}), ...defined(given) }
  if (given['from-name'] && typeof answers.name === 'string')
    answers.subdomain ??= subdomainFrom(answers.name)
  let password: Secret | null = given['password-stdin'] ? await readSecretFromStdin('password') : null
  let command: string | null = null
  if (terminal.interactive && !given['password-stdin'] && missing(answers).length > 0) {
    const { askForTenant } = await import('./create-tenant-prompts.js')
    const asked = await askForTenant(ctx, answers, terminal, plan)
    Object.assign(answers, asked.answers)
    password = asked.password
    command = asked.command
  }
  const [first] = missing(answers)
  if (first)
    throw new ErpmaxError(
      'usage',
      'usage.missing',
      `${first === 'subdomain' ? 'The subdomain' : `--${first}`} is missing`,
      { hint: example(first) },
    )
  return { input: toCreateTenantInput(answers, password, given['if-not-exists'] ?? false), command }
}

const required = ['subdomain', 'name', 'admin-email'] as const

function missing(answers: FileAnswers): string[] {
  return required.filter((name) => answers[name] === undefined || answers[name] === '')
}

function example(flag: string): string {
  if (flag === 'subdomain') return 'erpmax tenant create acme --name "Acme" --admin-email admin@acme.test'
  return flag === 'name' ? '--name "Acme Industries"' : '--admin-email admin@acme.test'
}

function defined(flags: CreateTenantFlags): FileAnswers {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined))
}

async function readAnswers(file: string): Promise<FileAnswers> {
  let content: unknown
  try {
    content = JSON.parse(await readFile(file === '-' ? '/dev/stdin' : file, 'utf8'))
  } catch (cause) {
    throw new ErpmaxError('usage', 'usage.file_unreadable', `${file} is not a JSON file that can be read`, {
      cause,
    })
  }
  const parsed = fileSchema.safeParse(content)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new ErpmaxError(
      'usage',
      'usage.file_invalid',
      `${file}: ${issue?.path.join('.') || 'the document'}: ${issue?.message ?? 'invalid'}`,
    )
  }
  return Object.fromEntries(
    Object.entries(parsed.data).map(([name, value]) => [name.replaceAll('_', '-'), value]),
  )
}
