/** What every test run begins and ends with: an environment of its own, and the shared server's removal. */
import { settings } from '../../src/kernel/config.js'
import { removeShared } from './server.js'

/** Settings of the person who runs the tests must not reach them, least of all a real database. */
for (const { name } of settings) {
  delete process.env[name]
  delete process.env[`${name}_FILE`]
}
for (const name of Object.keys(process.env)) if (name.startsWith('PG')) delete process.env[name]
process.env.ERPMAX_ENV = 'test'
/** Neither UTC nor a whole hour off: a day taken from the local clock shows. */
process.env.TZ = 'Asia/Kolkata'

/** An interrupted run ends by exiting, which removes its servers; a signal's own end would not. */
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

export const mochaHooks = {
  async afterAll(): Promise<void> {
    await removeShared()
  },
}
