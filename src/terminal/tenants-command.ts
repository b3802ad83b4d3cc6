/** A command about one tenant or about many: the selector flags, the count confirmed, an outcome a tenant. */
import { readFile } from 'node:fs/promises'
import { text as readStream } from 'node:stream/consumers'
import { Args, Flags } from '@oclif/core'
import { ErpmaxError } from '../kernel/errors.js'
import { BaseCommand } from './base-command.js'
import { commaList } from './lists.js'
import { tenantStates } from '../tenants/states.js'
import { confirmCount, confirmYes } from './confirm.js'
import { plainly } from './plain-text.js'
import { formatOutcome, formatTally } from './outcome-report.js'
import type { TenantSelector } from '../views/tenant-selection.js'
import type { TenantOutcome } from '../workflows/each-tenant.js'

/** How several tenants, or one where the thing is moderate, are confirmed without a terminal. */
export const confirmFlags = {
  yes: Flags.boolean({ description: 'go on without asking' }),
  confirm: Flags.string({ description: 'the number of tenants, where there are several' }),
}

/** Positional of every command that also takes selectors. Left out, oclif would take it from a pipe meant for --from-file. */
export const tenantArgument = Args.string({
  description: 'subdomain or id; or choose with the flags',
})

const group = { helpGroup: 'CHOICE OF TENANTS' }

/** Which tenants, by what they are: the same in `tenant list` and in every bulk command. */
export const filterFlags = {
  status: commaList('in one of these states, by comma', tenantStates, group),
  tier: Flags.string({
    description: 'in one of these tiers, by comma',
    multiple: true,
    delimiter: ',',
    ...group,
  }),
  module: Flags.string({
    char: 'm',
    description: 'subscribed to all of these modules now, by comma',
    multiple: true,
    delimiter: ',',
    ...group,
  }),
}

export const selectorFlags = {
  tenant: Flags.string({ description: 'one of several tenants; repeatable', multiple: true, ...group }),
  all: Flags.boolean({ description: 'every tenant', ...group }),
  ...filterFlags,
  exclude: Flags.string({ description: 'but not this one; repeatable', multiple: true, ...group }),
  'from-file': Flags.string({ description: 'named in a file, one a line; - is stdin', ...group }),
}

export interface SelectorFlags {
  tenant?: string[] | undefined
  all?: boolean | undefined
  status?: string[] | undefined
  tier?: string[] | undefined
  module?: string[] | undefined
  exclude?: string[] | undefined
  'from-file'?: string | undefined
}

export interface BulkResult<Result> {
  items: TenantOutcome<Result>[]
  next_cursor: null
  succeeded: number
  failed: number
  dry_run: boolean
}

export abstract class TenantsCommand extends BaseCommand {
  /**
   * What the flags select, or null where the argument names the one tenant.
   * @throws usage where there is neither, or both
   */
  protected async selectorFrom(
    argument: string | undefined,
    flags: SelectorFlags,
  ): Promise<TenantSelector | null> {
    const { tenant, all, status, tier, module, exclude } = flags
    const file = flags['from-file']
    const chosen = [tenant, all || undefined, status, tier, module, file].some((flag) => flag !== undefined)
    if (argument !== undefined && !chosen && exclude === undefined) return null
    if (argument !== undefined || !chosen) {
      throw new ErpmaxError(
        'usage',
        'usage.tenants',
        chosen ? 'Name one tenant, or choose several with flags: not both' : 'Which tenants?',
        {
          hint: `erpmax ${this.id?.replaceAll(':', ' ')} <tenant>, or --tenant, --all, --status, --tier, --module, --from-file`,
        },
      )
    }
    const listed = file === undefined ? [] : await namesIn(file)
    const named = tenant !== undefined || file !== undefined ? [...(tenant ?? []), ...listed] : null
    return { named, status: status ?? [], tier: tier ?? [], module: module ?? [], exclude: exclude ?? [] }
  }

  /** For commands that are about every tenant where none is chosen; null: every one, whatever its state. */
  protected async choiceFrom(
    argument: string | undefined,
    flags: SelectorFlags,
  ): Promise<TenantSelector | null> {
    const { tenant, status, tier, module, exclude, 'from-file': file } = flags
    const filtered = [tenant, status, tier, module, exclude, file].some((flag) => flag !== undefined)
    if (argument === undefined && !filtered) return null
    const all = flags.all === true || (exclude !== undefined && argument === undefined)
    const named = { named: [argument ?? ''], status: [], tier: [], module: [], exclude: [] }
    return (await this.selectorFrom(argument, { ...flags, all: all || undefined })) ?? named
  }

  /**
   * Before more than one tenant is touched the count is confirmed: typed, with --confirm <count>, or, where the
   * thing itself is not severe, with --yes.
   * @param what `This suspends`
   */
  protected async confirmMany(
    what: string,
    tenants: readonly { subdomain: string }[],
    flags: { yes?: boolean | undefined; confirm?: string | undefined },
  ): Promise<void> {
    if (tenants.length <= 1 || flags.yes) return
    await confirmCount(
      what,
      tenants.map(({ subdomain }) => subdomain),
      flags.confirm,
      this.terminal,
    )
  }

  /**
   * Moderate: one tenant is confirmed by y/N, several by their number; --yes does for both.
   * @param verb `suspend`
   */
  protected async confirmModerate(
    verb: string,
    tenants: readonly { subdomain: string }[],
    flags: { yes?: boolean | undefined; confirm?: string | undefined },
  ): Promise<void> {
    const [only, ...others] = tenants
    if (only && others.length === 0) {
      const title = verb.replace(/^./, (first) => first.toUpperCase())
      return confirmYes(`${title} ${only.subdomain}`, flags.yes, this.terminal)
    }
    await this.confirmMany(`This ${verb}s`, tenants, flags)
  }

  /** Shows each outcome as it comes; exit code 3 where some failed. */
  protected async reportOutcomes<Result>(
    outcomes: AsyncIterable<TenantOutcome<Result>>,
    format: (result: Result) => string,
    dryRun = false,
  ): Promise<BulkResult<Result>> {
    const items = await this.collect(this.#shown(outcomes, format))
    const failed = items.filter(({ ok }) => !ok).length
    const result = { items, next_cursor: null, succeeded: items.length - failed, failed, dry_run: dryRun }
    if (failed > 0) this.endAs('partial')
    return this.report(result, formatTally)
  }

  async *#shown<Result>(
    outcomes: AsyncIterable<TenantOutcome<Result>>,
    format: (result: Result) => string,
  ): AsyncGenerator<TenantOutcome<Result>, void, void> {
    for await (const outcome of outcomes) {
      this.log(formatOutcome(plainly(outcome), format, this.terminal))
      yield outcome
    }
  }
}

/** One subdomain or id a line; empty lines and what follows a # are left out. */
async function namesIn(file: string): Promise<string[]> {
  const content = await (file === '-' ? readStream(process.stdin) : readFile(file, 'utf8')).catch(
    (cause: unknown) => {
      throw new ErpmaxError('usage', 'usage.file_unreadable', `${file} cannot be read`, { cause })
    },
  )
  return content
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
}
