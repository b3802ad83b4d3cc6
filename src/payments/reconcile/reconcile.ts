/** `payment reconcile`: asks the providers about everything unknown or open, and compares both books both ways. */
import { transaction } from '../../database/transaction.js'
import { audit } from '../../operations/audit.js'
import { chooseProvider } from '../checkout/choose-provider.js'
import { configuredProviders } from '../provider-keys.js'
import { failureOf, providerError } from '../provider-failure.js'
import { reconcileCheckouts } from './checkouts.js'
import { patient } from './patient.js'
import { comparePayments, reconcilePayments } from './payments.js'
import { reconcileRefunds } from './refunds.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { ProviderError, type ProviderName } from '../../kernel/payment-gateway.js'
import type { Context } from '../../kernel/context.js'
import type { Checked, ReconciledItem, Round } from './item.js'

export interface ReconcileInput {
  /** Payments and refunds since then are compared; what is unknown or open is asked about whatever its age. */
  since: Date
  /** Null: all that are configured. */
  provider: ProviderName | null
  dryRun: boolean
}

export interface ReconciledPayments {
  dry_run: boolean
  since: string
  providers: { provider: ProviderName; live: boolean; error: { code: string; message: string } | null }[]
  checked: Checked
  /** What is as it should be now, or in a dry run would be. */
  settled: number
  /** What is left for a person. */
  left: number
  items: ReconciledItem[]
}

/**
 * Yields each item as it comes. A provider that cannot be used does not keep the other from being asked.
 * @throws usage `payment.not_configured`; dependency where none could be asked; interrupted
 */
export async function* reconcile(
  ctx: Context,
  { since, provider, dryRun }: ReconcileInput,
): AsyncGenerator<ReconciledItem, ReconciledPayments, void> {
  const names =
    provider === null ? configuredProviders(ctx.config) : [chooseProvider(ctx.config, provider, '')]
  if (names.length === 0) chooseProvider(ctx.config, null, '')
  const checked: Checked = {
    checkouts: 0,
    refunds: 0,
    payments: 0,
    provider_payments: 0,
    provider_refunds: 0,
  }
  const result: ReconciledPayments = {
    ...{
      dry_run: dryRun,
      since: since.toISOString(),
      providers: [],
      checked,
      settled: 0,
      left: 0,
      items: [],
    },
  }
  const failures: ErpmaxError[] = []
  for (const name of names) {
    const gateway = patient(await ctx.openGateway(name), ctx.signal)
    const state: ReconciledPayments['providers'][number] = { provider: name, live: gateway.live, error: null }
    result.providers.push(state)
    try {
      for await (const item of parts({ ctx, gateway, since, dryRun, checked })) {
        result.items.push(item)
        if (item.settled) result.settled += 1
        else result.left += 1
        yield item
      }
    } catch (thrown) {
      const failure = failureIn(name, thrown)
      failures.push(failure)
      state.error = { code: failure.code, message: failure.message }
      result.left += 1
    }
  }
  if (!dryRun) await note(ctx, result)
  const [failure] = failures
  if (failure && failures.length === names.length) throw failure
  return result
}

async function* parts(round: Round): AsyncGenerator<ReconciledItem, void, void> {
  const { signal } = round.ctx
  const stop = (): void => {
    if (signal.aborted)
      throw new ErpmaxError('interrupted', 'interrupted', 'Interrupted: what is settled stays settled')
  }
  yield* reconcileCheckouts(round)
  stop()
  const payments = yield* reconcilePayments(round)
  stop()
  yield* reconcileRefunds(round)
  stop()
  yield* comparePayments(round, payments)
}

/** @throws what is no failure of a provider */
function failureIn(name: ProviderName, thrown: unknown): ErpmaxError {
  if (thrown instanceof ErpmaxError && (thrown.kind === 'dependency' || thrown.kind === 'usage'))
    return thrown
  if (!(thrown instanceof ProviderError)) throw thrown
  const error = providerError(name, thrown)
  return failureOf(error, 'The books could not be compared', 'The same command again, in a moment')
}

async function note(ctx: Context, { providers, settled, left, since }: ReconciledPayments): Promise<void> {
  const names = providers.map((one) => one.provider).join(', ')
  await transaction(ctx, (inner) =>
    audit(inner, {
      ...{ action: 'payment.reconcile', subjectKind: 'providers', subject: names },
      outcome: left === 0 ? 'succeeded' : 'failed',
      after: { since, settled, left },
      ...(left === 0 ? {} : { errorCode: 'payment.reconcile_left' }),
    }),
  )
}
