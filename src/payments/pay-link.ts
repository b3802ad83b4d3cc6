/** Where a customer pays an invoice: what mails and pages link to. */
import type { Context } from '../kernel/context.js'

/** @returns null where there is no address at which customers are served */
export function payUrl(
  _ctx: Pick<Context, 'db' | 'config' | 'random'>,
  _invoiceId: string,
): Promise<string | null> {
  return Promise.resolve(null)
}
