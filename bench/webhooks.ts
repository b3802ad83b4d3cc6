/** `npm run bench:webhooks`: verified and stored events a second, beside a bare route and a plain insert of the same row. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import autocannon from 'autocannon'
import fastify from 'fastify'
import pg from 'pg'
import { openPool } from '../src/database/connect.js'
import { rows, sql } from '../src/database/sql.js'
import { embeddedHome } from '../src/database/embedded/home.js'
import { embeddedTarget, embeddedUrl } from '../src/database/embedded/server.js'
import { packageRoot } from '../src/kernel/package-root.js'
import { unusedUrl } from '../test/support/providers/calls.js'
import { openThrowAway, removeServer, throwAwayFolder } from '../test/support/server.js'
import { stripeWebhook, webhookSettings } from '../test/support/webhooks.js'
import { median } from './statistics.js'

const connections = 64
const rounds = 3
/** Of one measurement; `npm run bench:webhooks -- 2` is a quick look. */
const seconds = Number(process.argv[2] ?? 4)
/** With duplicates: so few events, again and again. */
const few = 64

/** A peer in a process of its own, as the listener is: the same framework, the same pool. */
async function serve(kind: string, home: string): Promise<void> {
  const db = openPool(await embeddedTarget(embeddedHome(home)))
  const app = fastify({ bodyLimit: 1024 * 1024 })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.post('/webhooks/stripe', async (request) => {
    if (kind === 'bare') return { received: true }
    const body = request.body as Buffer
    const event = JSON.parse(body.toString()) as {
      id: string
      type: string
      livemode: boolean
      created: number
    }
    await rows(
      db,
      sql`insert into public.webhook_events (provider, event_id, type, live, source, body, happened_at)
          values ('stripe', ${event.id}, ${event.type}, ${event.livemode}, 'webhook', ${body}, ${new Date(event.created * 1000)})
          on conflict (provider, event_id) do nothing`,
    )
    return { received: true }
  })
  process.send?.(await app.listen({ port: 0 }))
}

interface Contender {
  name: string
  url: string
  stop(): Promise<unknown>
}

async function peer(name: string, kind: string, home: string): Promise<Contender> {
  const child: ChildProcess = spawn(process.execPath, [import.meta.filename, 'serve', kind, home], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const [url] = (await once(child, 'message')) as [string]
  return {
    name,
    url,
    stop: () => {
      child.kill()
      return once(child, 'close')
    },
  }
}

/** As a service runs it: its log goes to a file, a line for each request. */
async function ours(name: string, home: string, args: string[]): Promise<Contender> {
  const { PATH = '', HOME = '' } = process.env
  const url = await unusedUrl()
  const words = ['webhook', 'listen', '--port', new URL(url).port, ...args]
  const log = openSync(path.join(home, 'listener.log'), 'a')
  const child = spawn(process.execPath, [path.join(packageRoot(), 'bin', 'run.js'), ...words], {
    env: {
      PATH,
      HOME,
      ...webhookSettings,
      ERPMAX_HOME: home,
      ERPMAX_ENV: 'development',
      ERPMAX_PG_IDLE: '0',
    },
    stdio: ['ignore', 'ignore', log],
  })
  closeSync(log)
  const ended = once(child, 'close')
  const ready = async (): Promise<boolean> => (await fetch(`${url}/readyz`).catch(() => null))?.status === 200
  while (!(await ready())) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`)
    await sleep(50)
  }
  return {
    name,
    url,
    stop: () => {
      child.kill()
      return ended
    },
  }
}

interface Loaded {
  perSecond: number
  /** Milliseconds. */
  p99: number
  answered: number
  refused: number
}

let next = 0

/** @param distinct events that differ; beyond them they come again */
async function load(
  url: string,
  {
    rate,
    distinct = Infinity,
    duration = seconds,
  }: { rate?: number; distinct?: number; duration?: number } = {},
): Promise<Loaded> {
  const first = next
  let sent = 0
  const instance = autocannon({
    url,
    connections,
    duration,
    ...(rate ? { overallRate: rate } : {}),
    requests: [
      {
        method: 'POST',
        setupRequest: (request) => {
          const { path, headers, body } = stripeWebhook(`evt_${first + (sent++ % distinct)}`)
          return { ...request, path, headers, body }
        },
      },
    ],
  })
  const result = await instance
  next += Math.min(sent, distinct)
  return {
    perSecond: result['2xx'] / result.duration,
    p99: result.latency.p99,
    answered: result['2xx'],
    refused: result.non2xx + result.errors,
  }
}

function line(name: string, ...values: string[]): void {
  const columns = values.map((value) => value.padStart(11)).join('  ')
  process.stdout.write(`${`${name.padEnd(52)}${columns}`.trimEnd()}\n`)
}

async function main(): Promise<void> {
  const home = throwAwayFolder()
  const contenders: Contender[] = []
  try {
    // fsync on, as a user has it.
    await (await openThrowAway(home, { ERPMAX_ENV: 'development' })).close()
    const client = new pg.Client({ connectionString: await embeddedUrl(embeddedHome(home)) })
    // The server is stopped while it is connected where something has failed.
    client.on('error', () => {})
    await client.connect()
    const count = async (where: string): Promise<number> =>
      Number(
        (await client.query<{ n: string }>(`select count(*) as n from public.webhook_events where ${where}`))
          .rows[0]?.n,
      )
    const bare = await peer('bare route that answers 200', 'bare', home)
    contenders.push(bare)
    const plain = await peer('plain insert of the same row', 'insert', home)
    contenders.push(plain)
    const alone = await ours('webhook listen --no-process', home, ['--no-process'])
    contenders.push(alone)

    /** Into an empty inbox; fails where an event that was answered is not in it. */
    async function run(
      { name, url }: Contender,
      options: Parameters<typeof load>[1] = {},
    ): Promise<Loaded & { settledPerSecond: number }> {
      await client.query('truncate public.webhook_events cascade')
      await client.query('checkpoint')
      const loaded = await load(url, options)
      const settledPerSecond = (await count(`status <> 'received'`)) / seconds
      const kept = await count('true')
      const wanted = Math.min(loaded.answered, options.distinct ?? Infinity)
      if (url !== bare.url && kept < wanted)
        throw new Error(`${name}: ${loaded.answered} were answered and ${kept} are stored`)
      if (loaded.refused > 0) process.stdout.write(`${name}: ${loaded.refused} were not answered 200\n`)
      return { ...loaded, settledPerSecond }
    }

    const measured = new Map<Contender, Loaded[]>(contenders.map((one) => [one, []]))
    const typical = (one: Contender, what: 'perSecond' | 'p99'): number =>
      median((measured.get(one) ?? []).map((loaded) => loaded[what]))
    /** Medians of the rounds' own ratios: what else the machine does changes from round to round. */
    const beside = (one: Contender, other: Contender): number =>
      median(
        (measured.get(one) ?? []).map(
          ({ perSecond }, round) => perSecond / (measured.get(other)?.[round]?.perSecond ?? NaN),
        ),
      )
    for (const { url } of contenders) await load(url, { duration: 1 })
    for (let round = 0; round < rounds; round++)
      for (const one of contenders) measured.get(one)?.push(await run(one))
    const rate = Math.floor(typical(alone, 'perSecond') / 2)
    const half = await run(alone, { rate })
    const again = { distinct: few }
    const twice = [await run(plain, again), await run(alone, again)] as const
    await alone.stop()
    const processing = await ours('webhook listen', home, [])
    contenders.push(processing)
    await load(processing.url, { duration: 1 })
    const busy = await run(processing)
    const busyTwice = await run(processing, again)

    const average = os.loadavg().map((one) => one.toFixed(1))
    process.stdout.write(
      `${connections} connections, medians of ${rounds} rounds of ${seconds} s\n` +
        `Postgres 18 with fsync on, Node ${process.version}, ${os.availableParallelism()} processors, load ${average.join(' ')}\n\n`,
    )
    const told = (name: string, { perSecond, p99 }: Pick<Loaded, 'perSecond' | 'p99'>, more = ''): void =>
      line(name, perSecond.toFixed(0), `${p99.toFixed(0)} ms`, more)
    line('', 'events/s', 'p99')
    for (const one of [bare, plain, alone])
      told(one.name, { perSecond: typical(one, 'perSecond'), p99: typical(one, 'p99') })
    told(`${alone.name}, at half that load`, half)
    told(processing.name, busy, `${busy.settledPerSecond.toFixed(0)}/s processed`)
    process.stdout.write(`\n${few} events, again and again\n`)
    told(plain.name, twice[0])
    told(alone.name, twice[1])
    told(processing.name, busyTwice)

    process.stdout.write('\ntargets\n')
    const verdict = (ok: boolean): string => (ok ? 'ok' : 'MISSED')
    const ratio = beside(alone, plain)
    line(
      '--no-process beside the plain insert',
      `${ratio.toFixed(2)} x`,
      `at least 0.8: ${verdict(ratio >= 0.8)}`,
    )
    const reached = half.perSecond >= rate * 0.95
    line(
      `99th percentile at ${half.perSecond.toFixed(0)}/s`,
      `${half.p99.toFixed(0)} ms`,
      `under 50 ms: ${verdict(half.p99 < 50 && reached)}`,
    )
    line('--no-process beside the bare route', `${beside(alone, bare).toFixed(2)} x`)
    await client.end()
  } finally {
    for (const { stop } of contenders) await stop().catch(() => {})
    await removeServer(home)
  }
}

const [mode, kind = '', home = ''] = process.argv.slice(2)
await (mode === 'serve' ? serve(kind, home) : main())
