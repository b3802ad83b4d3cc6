/** `npm run bench:webhooks`: verified and stored events a second, beside a bare route and a plain insert of the same row. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import os from 'node:os'
import autocannon from 'autocannon'
import fastify from 'fastify'
import pg from 'pg'
import { openPool } from '../src/database/connect.js'
import { rows, sql } from '../src/database/sql.js'
import { embeddedHome } from '../src/database/embedded/home.js'
import { embeddedTarget, embeddedUrl } from '../src/database/embedded/server.js'
import { runListener } from '../test/support/listener.js'
import { openThrowAway, removeServer, throwAwayFolder } from '../test/support/server.js'
import { stripeWebhook, webhookSettings } from '../test/support/webhooks.js'
import { median } from './statistics.js'

const connections = 64
const rounds = 3
const seconds = Number(process.argv[2] ?? 8)

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

async function ours(name: string, home: string, args: string[]): Promise<Contender> {
  const env = { ...webhookSettings, ERPMAX_HOME: home, ERPMAX_ENV: 'development' }
  const { url, end } = await runListener(env, args)
  return { name, url, stop: () => end('SIGTERM') }
}

interface Loaded {
  perSecond: number
  p99: number
  answered: number
  refused: number
}

let next = 0

/** @param distinct events that differ; beyond them they come again */
async function load(
  url: string,
  { rate, distinct = Infinity }: { rate?: number; distinct?: number } = {},
): Promise<Loaded> {
  const first = next
  let sent = 0
  const instance = autocannon({
    url,
    connections,
    duration: seconds,
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
  process.stdout.write(`${name.padEnd(62)}${values.map((value) => value.padStart(10)).join('  ')}\n`)
}

async function main(): Promise<void> {
  const home = throwAwayFolder()
  const contenders: Contender[] = []
  try {
    await (await openThrowAway(home, { ERPMAX_ENV: 'development' })).close()
    const client = new pg.Client({ connectionString: await embeddedUrl(embeddedHome(home)) })
    // The server is stopped while it is connected where something has failed.
    client.on('error', () => {})
    await client.connect()
    const stored = async (): Promise<number> =>
      Number(
        (await client.query<{ n: string }>('select count(*) as n from public.webhook_events')).rows[0]?.n,
      )
    contenders.push(
      await peer('bare route that answers 200', 'bare', home),
      await peer('plain insert of the same row', 'insert', home),
      await ours('webhook listen --no-process', home, ['--no-process']),
    )
    const [, plain, alone] = contenders
    if (!plain || !alone) throw new Error('nobody to measure')
    const speeds = new Map<string, number[]>()
    const note = (name: string, value: number): void =>
      void speeds.set(name, [...(speeds.get(name) ?? []), value])
    const run = async (
      name: string,
      url: string,
      options: Parameters<typeof load>[1] = {},
    ): Promise<Loaded> => {
      await client.query('truncate public.webhook_events cascade')
      await client.query('checkpoint')
      const loaded = await load(url, options)
      const kept = await stored()
      const wanted = Math.min(loaded.answered, options.distinct ?? Infinity)
      if (!name.startsWith('bare') && kept < wanted)
        throw new Error(`${name}: ${loaded.answered} were answered and ${kept} are stored`)
      if (loaded.refused > 0) process.stdout.write(`${name}: ${loaded.refused} were not answered 200\n`)
      note(name, loaded.perSecond)
      return loaded
    }
    process.stdout.write(
      `${connections} connections, ${rounds} rounds of ${seconds} s each; Postgres 18 with fsync on, Node ${process.version}, ${os.availableParallelism()} processors\n\n`,
    )
    const ratios: number[] = []
    const latencies = new Map<string, number[]>()
    await load(alone.url)
    for (let round = 0; round < rounds; round++) {
      const perSecond = new Map<string, number>()
      for (const { name, url } of contenders) {
        const { perSecond: speed, p99 } = await run(name, url)
        perSecond.set(name, speed)
        latencies.set(name, [...(latencies.get(name) ?? []), p99])
      }
      ratios.push((perSecond.get(alone.name) ?? NaN) / (perSecond.get(plain.name) ?? NaN))
    }
    const typical = (name: string): number => median(speeds.get(name) ?? [])
    const half = await run('half', alone.url, { rate: Math.floor(typical(alone.name) / 2) })
    for (const { name, url } of [plain, alone])
      await run(`${name}, 64 events again and again`, url, { distinct: 64 })
    await alone.stop()
    const processing = await ours('webhook listen, processing', home, [])
    contenders.push(processing)
    const busy = await run(processing.name, processing.url)
    latencies.set(processing.name, [busy.p99])

    line('', 'events/s', 'p99')
    for (const [name, all] of speeds) {
      if (name === 'half') continue
      const p99 = latencies.get(name)
      line(name, median(all).toFixed(0), p99 ? `${median(p99).toFixed(0)} ms` : '')
    }
    process.stdout.write('\ntargets\n')
    const verdict = (ok: boolean): string => (ok ? 'ok' : 'MISSED')
    const ratio = median(ratios)
    line('--no-process beside the plain insert', ratio.toFixed(2), `at least 0.80: ${verdict(ratio >= 0.8)}`)
    const rate = `${half.perSecond.toFixed(0)}/s`
    line(`99th percentile at ${rate}`, `${half.p99.toFixed(0)} ms`, `under 50 ms: ${verdict(half.p99 < 50)}`)
    await client.end()
  } finally {
    for (const { stop } of contenders) await stop().catch(() => {})
    await removeServer(home)
  }
}

const [mode, kind = '', home = ''] = process.argv.slice(2)
await (mode === 'serve' ? serve(kind, home) : main())
