/** The settings of a context, as the environment would have them. */
import { resolveConfig, type Config } from '../../src/kernel/config.js'
import type { Context } from '../../src/kernel/context.js'

/** @param values besides `ERPMAX_ENV=test` */
export function testConfig(values: Record<string, string> = {}): Config {
  return resolveConfig([{ origin: 'test', values: { ERPMAX_ENV: 'test', ...values } }], () => '')
}

/** These settings, and no other. */
export function withSettings<C extends Pick<Context, 'config'>>(ctx: C, values: Record<string, string>): C {
  return { ...ctx, config: testConfig(values) }
}
