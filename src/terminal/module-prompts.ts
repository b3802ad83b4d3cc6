/** Which modules `module subscribe` is about, where none was named: a person chooses from the list with prices. */
import { dayIn } from '../kernel/dates.js'
import { ErpmaxError } from '../kernel/errors.js'
import { readCatalogue } from '../subscriptions/catalogue.js'
import { runningSubscription } from '../subscriptions/running.js'
import { findTier } from '../subscriptions/selection.js'
import { findTenant } from '../tenants/find.js'
import { readTenant } from '../tenants/read.js'
import { modulePicker } from './module-picker.js'
import { Prompter } from './prompter.js'
import type { Context } from '../kernel/context.js'
import type { Terminal } from './terminal.js'

/**
 * Codes as they were typed, separated by spaces or commas.
 * @throws usage `usage.modules` where none is named
 */
export function namedModules(
  named: readonly string[] | undefined,
  command: string,
  tenant: string,
): readonly string[] {
  const codes = codesIn(named ?? [])
  if (codes.length > 0) return codes
  throw new ErpmaxError('usage', 'usage.modules', 'Which modules?', {
    hint: `${command} ${tenant} <module> ..., or erpmax module list`,
  })
}

/**
 * Codes of the modules that are to be added: those named, or those a person chooses.
 * @throws usage `usage.modules` where nobody is there to ask; declined where nothing new was chosen
 */
export async function chooseModules(
  ctx: Pick<Context, 'db' | 'clock' | 'signal'>,
  subdomainOrId: string,
  named: readonly string[] | undefined,
  terminal: Terminal,
): Promise<readonly string[]> {
  if (named || !terminal.interactive) return namedModules(named, 'erpmax module subscribe', subdomainOrId)
  const tenant = await findTenant(ctx, subdomainOrId)
  const { time_zone } = await readTenant(ctx, tenant.id)
  const today = dayIn(time_zone, ctx.clock.now())
  const catalogue = await readCatalogue(ctx, today)
  const { items, currency, cycle, tier } = await runningSubscription(ctx, tenant, today)
  const held = items.filter(({ kind, to }) => kind === 'module' && to === null).map(({ code }) => code)
  const prompter = new Prompter(terminal, ctx.signal)
  const chosen = await prompter.custom(modulePicker, {
    ...{ catalogue, currency, cycle, held },
    tier: findTier(catalogue, tier),
    chosen: held,
    looks: prompter.looks,
  })
  const added = chosen.filter((code) => !held.includes(code))
  if (added.length > 0) return added
  throw new ErpmaxError('declined', 'declined', 'Nothing new was chosen: nothing was done')
}

function codesIn(words: readonly string[]): string[] {
  return words.flatMap((word) => word.split(',')).filter((code) => code !== '')
}
