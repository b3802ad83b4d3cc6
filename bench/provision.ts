/** `npm run bench:provision`: how long a tenant's schema takes, beside a floor and peers, all from one run. */
import path from 'node:path'
import { oneRow, sql } from '../src/database/sql.js'
import { embeddedTarget, embeddedUrl } from '../src/database/embedded/server.js'
import { embeddedHome, socketFile } from '../src/database/embedded/home.js'
import { openPool, type Target } from '../src/database/connect.js'
import { formatBytes } from '../src/terminal/format.js'
import { openThrowAway, removeServer, throwAwayFolder } from '../test/support/server.js'
import {
  knexAwait,
  knexSchemaBuilder,
  oneMessage,
  ours,
  oursOn,
  psql,
  type EventTimes,
} from './contenders.js'
import { openDelayProxy } from './delay-proxy.js'
import { measureStartup } from './startup.js'
import { median, milliseconds, timed } from './statistics.js'

const rounds = 7
const slowRounds = 3
const tenants = 100
const home = throwAwayFolder()

// fsync on, as a user has it: the test settings would flatter everybody.
const ctx = await openThrowAway(home, { ERPMAX_ENV: 'development' })
const embedded = embeddedHome(home)
const target = await embeddedTarget(embedded)
const url = await embeddedUrl(embedded)
let schemas = 0
const next = (): string => `tenant_bench_${++schemas}`
const events: EventTimes[] = []

try {
  await ours(target, next())
  const line = (name: string, value: string, beside = ''): void =>
    void process.stdout.write(`${name.padEnd(46)} ${value.padStart(10)}  ${beside}\n`)
  process.stdout.write(`medians, Postgres 18 with fsync on, Node ${process.version}\n\n`)

  const local = {
    ours: [] as number[],
    one: [] as number[],
    psql: [] as number[],
    knex: [] as number[],
    builder: [] as number[],
  }
  let hasPsql = true
  for (let round = 0; round < rounds; round++) {
    local.ours.push(await timed(async () => events.push(await ours(target, next()))))
    local.one.push(await timed(() => oneMessage(target, next())))
    if (round >= slowRounds) continue
    if (hasPsql) local.psql.push(await timed(async () => (hasPsql = await psql(url, next()))))
    local.knex.push(await timed(() => knexAwait(target, next())))
    local.builder.push(await timed(() => knexSchemaBuilder(target, next())))
  }
  const floor = median(local.one)
  const ratio = (value: number): string => `${(value / floor).toFixed(2)} x one message`
  line('our engine', milliseconds(median(local.ours)), ratio(median(local.ours)))
  line('the same statements as one message (floor)', milliseconds(floor))
  line(
    'psql -1 -f',
    hasPsql ? milliseconds(median(local.psql)) : 'no psql',
    hasPsql ? ratio(median(local.psql)) : '',
  )
  line('Knex, awaiting each statement', milliseconds(median(local.knex)), ratio(median(local.knex)))
  line(
    'Knex schema builder (no checks, no comments)',
    milliseconds(median(local.builder)),
    ratio(median(local.builder)),
  )

  const far: Record<number, { ours: number; one: number }> = {}
  for (const delay of [25, 50]) {
    const proxy = await openDelayProxy(path.join(embedded.socket, socketFile), delay)
    const through: Target = { ...target, host: '127.0.0.1', port: proxy.port }
    const pool = openPool(through)
    await pool.raw('select 1')
    const times = { ours: [] as number[], one: [] as number[] }
    for (let round = 0; round < rounds; round++) {
      times.ours.push(await timed(() => oursOn(pool, through, next())))
      times.one.push(await timed(() => oneMessage(through, next())))
    }
    await pool.destroy()
    await proxy.close()
    far[delay] = { ours: median(times.ours), one: median(times.one) }
    line(
      `our engine, ${2 * delay} ms round trip`,
      milliseconds(far[delay].ours),
      `${milliseconds(far[delay].ours - median(local.ours))} more than at none`,
    )
    line(
      `one message, ${2 * delay} ms round trip`,
      milliseconds(far[delay].one),
      `${milliseconds(far[delay].one - floor)} more than at none`,
    )
  }

  const size = async (): Promise<number> =>
    Number(
      (await oneRow<{ size: bigint }>(ctx.db, sql`select pg_database_size(current_database()) as size`)).size,
    )
  const before = await size()
  const each: number[] = []
  for (let count = 0; count < tenants; count++) each.push(await timed(() => ours(target, next())))
  const bytes = ((await size()) - before) / tenants
  const [first, last] = [median(each.slice(0, 5)), median(each.slice(-5))]
  line('tenants 1 to 5 of a hundred', milliseconds(first))
  line('tenants 96 to 100', milliseconds(last), `${(last / first).toFixed(2)} x the first`)
  line('a tenant on disk', formatBytes(bytes))
  const firstEvent = Math.max(...events.map((one) => one.first))
  const gap = Math.max(...events.map((one) => one.largestGap))
  line('first table event, the latest of all builds', milliseconds(firstEvent), `${events[0]?.events} events`)
  line('largest gap between two events', milliseconds(gap))

  const start = measureStartup(home)
  const beside = (value: number): string => `${(value / start.node).toFixed(2)} x bare node`
  process.stdout.write('\n')
  line('node -e 0', milliseconds(start.node))
  line('--version', milliseconds(start.version), beside(start.version))
  line('--help', milliseconds(start.help), beside(start.help))
  line('tenant list', milliseconds(start.list), beside(start.list))

  process.stdout.write('\ntargets\n')
  const goal = (name: string, value: number, limit: number, unit: string): void =>
    line(name, `${value.toFixed(2)}${unit}`, `at most ${limit}${unit}: ${value <= limit ? 'ok' : 'MISSED'}`)
  goal('build beside one message', median(local.ours) / floor, 1.1, ' x')
  goal(
    '100 ms round trip, more than at none',
    ((far[50]?.ours ?? NaN) - median(local.ours)) / 1000,
    0.6,
    ' s',
  )
  goal('the 100th tenant beside the first', last / first, 1.2, ' x')
  goal('first event', firstEvent, 250, ' ms')
  goal('largest gap', gap, 150, ' ms')
  goal('--help beside node', start.help / start.node, 3.5, ' x')
  goal('tenant list beside node', start.list / start.node, 6, ' x')
} finally {
  await ctx.close()
  await removeServer(home)
}
