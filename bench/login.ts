/** `npm run bench:login [tries]`: how long a login takes for nobody, for a wrong password and for the right one, and how far apart they are. */
import { execute, sql } from '../src/database/sql.js'
import { person, signIn } from '../test/support/sign-in.js'
import { openThrowAway, removeServer, throwAwayFolder } from '../test/support/server.js'
import { subscribedTenant } from '../test/support/tenants.js'
import { median, timed } from './statistics.js'

const tries = Number(process.argv[2] ?? 200)
const kinds = ['unknown', 'wrong', 'old hash', 'right'] as const
type Kind = (typeof kinds)[number]

/** Half of the distance between the quartiles: how far a try is from the median, as often as not. */
function spread(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (part: number): number => sorted[Math.floor(part * (sorted.length - 1))] ?? NaN
  return (at(0.75) - at(0.25)) / 2
}

const home = throwAwayFolder()
// fsync on, as a user has it: what is written to the disk in one case and not in another takes its time.
const ctx = await openThrowAway(home, { ERPMAX_ENV: 'development' })
try {
  const { id } = await subscribedTenant(ctx, 'bench')
  const known = await person(ctx, 'known@bench.test', [{ tenant: id }])
  const old = await person(ctx, 'old@bench.test', [{ tenant: id }])
  const { default: bcrypt } = await import('bcryptjs')
  const cheap = await bcrypt.hash('some other password', 10)
  await execute(ctx.db, sql`update public.users set password_hash = ${cheap} where id = ${old.id}`)

  const attempts: Record<Kind, () => Promise<unknown>> = {
    unknown: () => signIn(ctx, 'nobody@bench.test', { password: 'a wrong password' }),
    wrong: () => signIn(ctx, known.email, { password: 'a wrong password' }),
    'old hash': () => signIn(ctx, old.email, { password: 'a wrong password' }),
    right: () => signIn(ctx, known.email),
  }
  const times: Record<Kind, number[]> = { unknown: [], wrong: [], 'old hash': [], right: [] }
  for (let n = -2; n < tries; n++) {
    // In turn, so that a noisy moment hits all of them; the first rounds warm up and are not counted.
    for (const kind of kinds) {
      const ms = await timed(() => attempts[kind]().catch(() => {}))
      if (n >= 0) times[kind].push(ms)
      await execute(ctx.db, sql`update public.users set failed_logins = 0, locked_until = null`)
    }
  }
  for (const kind of kinds)
    console.log(
      `${kind.padEnd(9)} median ${median(times[kind]).toFixed(1)} ms, noise ${spread(times[kind]).toFixed(1)} ms, ${tries} tries`,
    )
  for (const kind of ['wrong', 'old hash'] as const) {
    const apart = Math.abs(median(times[kind]) - median(times.unknown))
    const noise = Math.max(spread(times[kind]), spread(times.unknown))
    console.log(
      `unknown and ${kind}: ${apart.toFixed(1)} ms apart, ${(apart / noise).toFixed(2)} of the noise of ${noise.toFixed(1)} ms`,
    )
  }
} finally {
  await ctx.close()
  await removeServer(home)
}
