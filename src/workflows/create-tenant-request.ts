/** What `tenant create` was asked for, checked as a whole before anything is written. */
import { createHash } from 'node:crypto'
import { dayIn, type PlainDate } from '../kernel/dates.js'
import { ErpmaxError } from '../kernel/errors.js'
import { requireGoodPassword } from '../people/passwords.js'
import { readCatalogue } from '../subscriptions/catalogue.js'
import { select, type Selection } from '../subscriptions/selection.js'
import { completeProfile, emailOf, type Profile, type ProfileInput } from '../tenants/profile.js'
import { requireUsable } from '../tenants/subdomain.js'
import type { Context } from '../kernel/context.js'
import type { Secret } from '../kernel/secret.js'

export interface CreateTenantInput {
  subdomain: string
  company: ProfileInput
  admin: { email: string; fullName?: string | undefined; password: Secret | null }
  subscription: {
    modules: readonly string[]
    tier?: string | undefined
    cycle?: string | undefined
    trialDays?: number | undefined
  }
  /** An active tenant of this name is a success that changes nothing. */
  ifNotExists: boolean
}

export interface CreateTenantRequest {
  subdomain: string
  profile: Profile
  admin: { email: string; fullName: string; password: Secret | null; language: string }
  selection: Selection
  /** Codes of all modules in catalogue order. */
  modules: readonly string[]
  /** The day it is where the tenant is. */
  today: PlainDate
  /** Everything that was asked for, secrets left out: the job keeps it. */
  record: Record<string, unknown>
  /** Two runs with the same hash ask for the same thing; the password is not part of it. */
  hash: string
  ifNotExists: boolean
}

/** Throws for the first thing that is wrong; reads the catalogue and the reserved names, writes nothing. */
export async function prepareRequest(
  ctx: Pick<Context, 'db' | 'clock'>,
  input: CreateTenantInput,
): Promise<CreateTenantRequest> {
  const subdomain = await requireUsable(ctx, input.subdomain)
  const email = emailOf('admin_email', input.admin.email)
  const fullName = (input.admin.fullName?.trim() || email.slice(0, email.indexOf('@'))).slice(0, 200)
  if (input.admin.password) requireGoodPassword(input.admin.password)
  const profile = await completeProfile(input.company, email)
  const today = dayIn(profile.time_zone, ctx.clock.now())
  const catalogue = await readCatalogue(ctx, today)
  const paid = input.subscription.modules.filter(
    (code) => !catalogue.modules.some((module) => module.is_base && module.code === code),
  )
  const selection = select(catalogue, {
    modules: input.subscription.modules,
    tier: input.subscription.tier ?? (paid.length === 0 ? 'FREE' : 'STARTER'),
    cycle: input.subscription.cycle ?? 'monthly',
    currency: profile.currency,
    trialDays: input.subscription.trialDays ?? null,
  })
  const record = {
    subdomain,
    company: profile,
    admin: { email, full_name: fullName },
    tier: selection.tier.code,
    cycle: selection.cycle,
    currency: selection.currency,
    trial_days: selection.trialDays,
    modules: selection.prices.filter((price) => price.kind === 'module').map((price) => price.code),
  }
  return {
    subdomain,
    profile,
    admin: { email, fullName, password: input.admin.password, language: profile.language },
    selection,
    modules: catalogue.modules.map((module) => module.code),
    today,
    record,
    hash: createHash('sha256').update(JSON.stringify(record)).digest('hex'),
    ifNotExists: input.ifNotExists,
  }
}

/** The same command with other answers, while an unfinished run holds the name. */
export function otherInputs(subdomain: string): ErpmaxError {
  return new ErpmaxError(
    'conflict',
    'tenant.subdomain_taken',
    `An unfinished tenant ${subdomain} was begun with other answers`,
    {
      hint: `Repeat the command it was begun with, or erpmax schema drop ${subdomain}`,
      details: { subdomain },
    },
  )
}
