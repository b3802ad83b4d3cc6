/** `npm run bench:billing`: 100,000 tenants with 300,000 items billed, beside a plain insert of the same rows. */
import { spawn } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import knex, { type Knex } from 'knex'
import pg from 'pg'
import { parseIntoClientConfig } from 'pg-connection-string'
import { setSupplier } from '../src/billing/set-supplier.js'
import { embeddedHome } from '../src/database/embedded/home.js'
import { embeddedUrl } from '../src/database/embedded/server.js'
import { packageRoot } from '../src/kernel/package-root.js'
import { formatBytes } from '../src/terminal/format.js'
import { insertFleet } from '../test/support/billing-fleet.js'
import { indianSupplier } from '../test/support/billing.js'
import { openThrowAway, removeServer, throwAwayFolder } from '../test/support/server.js'
import { milliseconds, timed } from './statistics.js'

const tenants = Number(process.argv[2] ?? 100_000)
const batch = 5000
const loop = Math.min(2000, tenants)
const day = '2026-04-05'
const home = throwAwayFolder()

/** Told at the end of the child: kilobytes of the most memory it ever had. */
const tellMemory =
  '--import=data:text/javascript,process.on(%22exit%22,()=>process._rawDebug(%22maxrss%22,process.resourceUsage().maxRSS))'

interface Ran {
  ms: number
  peak: number
  run: { invoices: number; invoiced: number; nothing_due: number }
}

interface Program {
  ms: number
  peak: number
  data: unknown
}

/** The built program with `--json`, as cron runs it. */
async function program(...command: string[]): Promise<Program> {
  const [out, told]: [Buffer[], Buffer[]] = [[], []]
  const env = {
    ...{ PATH: process.env.PATH, ERPMAX_HOME: home, ERPMAX_PG_IDLE: '0', ERPMAX_ENV: 'test' },
    ...{ ERPMAX_NOW: `${day}T12:00:00Z`, NODE_OPTIONS: tellMemory },
  }
  const ms = await timed(async () => {
    const args = [path.join(packageRoot(), 'bin', 'run.js'), ...command, '--json']
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => told.push(chunk))
    const code = await new Promise((resolve) => child.on('close', resolve))
    if (code !== 0) throw new Error(Buffer.concat([...told, ...out]).toString())
  })
  const peak = Number(/maxrss (\d+)/.exec(Buffer.concat(told).toString())?.[1] ?? NaN) * 1024
  return { ms, peak, data: (JSON.parse(Buffer.concat(out).toString()) as { data: unknown }).data }
}

async function generate(...flags: string[]): Promise<Ran> {
  const { data, ...ran } = await program('invoice', 'generate', '--all', ...flags)
  return { ...ran, run: (data as { run: Ran['run'] }).run }
}

/** Invoices as PDF into a folder, and how long the folder took. */
async function exportPdfs(numbers: readonly string[]): Promise<Program> {
  const folder = path.join(home, `pdf-${numbers.length}/`)
  const ran = await program('invoice', 'export', ...numbers, '--output', folder)
  const { length } = await readdir(folder)
  if (length !== numbers.length) throw new Error(`${length} of ${numbers.length} documents are there`)
  return ran
}

/** Moves a table's rows into another database, as they are. */
async function carry(from: pg.Client, to: pg.Client, table: string): Promise<void> {
  await to.query(`create schema if not exists staged; create table staged.${table} (like public.${table})`)
  const columns = (
    await from.query<{ list: string }>(
      `select string_agg(quote_ident(attname), ', ' order by attnum) as list from pg_attribute
       where attrelid = 'public.${table}'::regclass and attnum > 0 and not attisdropped`,
    )
  ).rows[0]?.list
  const { rows } = await from.query<{ id: string }>(`select id from public.${table} order by id`)
  for (let at = 0; at < rows.length; at += batch) {
    const ids = rows.slice(at, at + batch).map(({ id }) => id)
    const { rows: found } = await from.query<{ all: string }>(
      `select json_agg(r)::text as all from (select ${columns ?? ''} from public.${table} where id = any($1)) r`,
      [ids],
    )
    await to.query(
      `insert into staged.${table} select * from json_populate_recordset(null::public.${table}, $1)`,
      [found[0]?.all],
    )
  }
}

async function connected(url: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(url)
  // Told by whatever waits for an answer.
  client.on('error', () => {})
  await client.connect()
  return client
}

/** The run that the rows belong to; it is not one of them, and no legal move leads to its last state at once. */
const runOfIt =
  'set session_replication_role = replica; insert into public.billing_runs select * from staged.billing_runs; reset session_replication_role'

/** The counter of the series goes up with the documents, as their triggers demand of whoever writes them. */
const takeNumbersOf = `insert into public.number_series as s (kind, prefix, year_label, last_number, last_issue_date)
  select 'invoice', public.series_prefix(number), split_part(number, '/', -2), count(*), max(issue_date) from`
const addThem = `on conflict (kind, prefix, year_label) do update
  set last_number = s.last_number + excluded.last_number, last_issue_date = excluded.last_issue_date`

/** The same rows into the same tables, by the server alone, with a commit for each 5,000 tenants. */
async function plainInsert(client: pg.Client): Promise<number> {
  await client.query(
    `create table staged.batches as select id, (row_number() over (order by length(number), number) - 1) / ${batch} as batch from staged.invoices;
     create index on staged.batches (batch); create index on staged.invoices (id); create index on staged.invoice_lines (invoice_id);
     ${runOfIt};
     analyze staged.batches; analyze staged.invoices; analyze staged.invoice_lines`,
  )
  return timed(async () => {
    for (let at = 0; at * batch < tenants; at++) {
      await client.query('begin')
      await client.query(
        `${takeNumbersOf} (select number, issue_date from staged.invoices join staged.batches b using (id) where b.batch = ${at}) i group by 1, 2, 3 ${addThem}`,
      )
      await client.query(
        `insert into public.invoices select i.* from staged.invoices i join staged.batches b using (id) where b.batch = ${at}`,
      )
      await client.query(
        `insert into public.invoice_lines select l.* from staged.invoice_lines l join staged.batches b on b.id = l.invoice_id where b.batch = ${at}`,
      )
      await client.query('commit')
    }
  })
}

interface LineRow {
  invoice_id: string
  taxes: unknown
}

/** A transaction for each tenant: its number, its invoice, its lines. The database takes the lines of an invoice only at once. */
async function rowByRow(connection: pg.ClientConfig): Promise<number> {
  const db = knex({
    client: 'pg',
    connection: connection as Knex.StaticConnectionConfig,
    pool: { min: 1, max: 1 },
  })
  try {
    await db.raw(runOfIt)
    const invoices = await db
      .withSchema('staged')
      .from('invoices')
      .orderByRaw('length(number), number')
      .limit(loop)
    const lines: LineRow[] = await db
      .withSchema('staged')
      .from('invoice_lines')
      .whereIn(
        'invoice_id',
        invoices.map(({ id }: { id: string }) => id),
      )
    const linesOf = new Map<string, LineRow[]>()
    for (const row of lines) linesOf.set(row.invoice_id, [...(linesOf.get(row.invoice_id) ?? []), row])
    return await timed(async () => {
      for (const invoice of invoices as { id: string; number: string; issue_date: string }[]) {
        await db.transaction(async (trx) => {
          await trx.raw(`${takeNumbersOf} staged.invoices where id = ? group by 1, 2, 3 ${addThem}`, [
            invoice.id,
          ])
          await trx.withSchema('public').insert(invoice).into('invoices')
          await trx
            .withSchema('public')
            .insert(
              (linesOf.get(invoice.id) ?? []).map((row) => ({ ...row, taxes: JSON.stringify(row.taxes) })),
            )
            .into('invoice_lines')
        })
      }
    })
  } finally {
    await db.destroy()
  }
}

const line = (name: string, value: string, beside = ''): void =>
  void process.stdout.write(`${name.padEnd(52)} ${value.padStart(10)}  ${beside}\n`)

// fsync on, as a user has it.
const ctx = await openThrowAway(home, { ERPMAX_ENV: 'development' })
try {
  const clock = { now: () => new Date(`${day}T12:00:00Z`) }
  await setSupplier({ ...ctx, clock }, indianSupplier, false)
  await insertFleet(ctx, { tenants, startedOn: day })
  await ctx.close()
  const url = parseIntoClientConfig(await embeddedUrl(embeddedHome(home)))
  const other = (database: string): pg.ClientConfig => ({ ...url, database })
  const main = await connected(url)
  await main.query('vacuum analyze')
  const server = await connected(other('template1'))
  await main.end()
  for (const copy of ['plain', 'looped'])
    await server.query(`create database ${copy} template ${url.database ?? ''}`)
  await server.query('checkpoint')

  const dry = await generate('--dry-run')
  const ours = await generate()
  const again = await generate()
  const book = await connected(url)
  const issued = await book.query<{ number: string }>(
    'select number from public.invoices order by length(number), number limit 1000',
  )
  const numbers = issued.rows.map(({ number }) => number)
  const onePdf = await exportPdfs(numbers.slice(0, 1))
  const pdfs = await exportPdfs(numbers)
  const peers: number[] = []
  for (const copy of ['plain', 'looped']) {
    const client = await connected(other(copy))
    for (const table of ['billing_runs', 'invoices', 'invoice_lines']) await carry(book, client, table)
    await server.query('checkpoint')
    if (copy === 'plain') peers.push(await plainInsert(client))
    await client.end()
    if (copy === 'looped') peers.push(await rowByRow(other(copy)))
  }
  const [plain = NaN, looped = NaN] = peers
  await book.end()
  await server.end()

  const load = os.loadavg().map((one) => one.toFixed(1))
  process.stdout.write(
    `${tenants} tenants, ${ours.run.invoices} invoices of three lines\n` +
      `Postgres 18 with fsync on, Node ${process.version}, ${os.availableParallelism()} processors, load ${load.join(' ')}\n\n`,
  )
  const each = (ms: number, count: number): string => `${((ms * 1000) / count).toFixed(0)} us each`
  line('invoice generate --all, the whole command', milliseconds(ours.ms), each(ours.ms, tenants))
  line(`plain insert of the same rows, commit each ${batch}`, milliseconds(plain), each(plain, tenants))
  line(`one by one through Knex, ${loop} of them`, milliseconds(looped), each(looped, loop))
  line('the second run over the same period', milliseconds(again.ms), `${again.run.nothing_due} nothing due`)
  line('dry run', milliseconds(dry.ms), `${dry.run.invoices} invoices`)
  line('one invoice as PDF, the whole command', milliseconds(onePdf.ms))
  line(`${numbers.length} invoices as PDF`, milliseconds(pdfs.ms), each(pdfs.ms, numbers.length))
  line(
    'most memory: run, second run, dry run, PDFs',
    [ours, again, dry, pdfs].map(({ peak }) => formatBytes(peak)).join(', '),
  )

  process.stdout.write('\ntargets\n')
  const verdict = (ok: boolean): string => (ok ? 'ok' : 'MISSED')
  const ratio = ours.ms / plain
  line('run beside the plain insert', `${ratio.toFixed(2)} x`, `at most 2.5: ${verdict(ratio <= 2.5)}`)
  const share = again.ms / ours.ms
  line('second run beside the first', `${share.toFixed(3)} x`, `at most 0.1: ${verdict(share <= 0.1)}`)
  const peak = Math.max(ours.peak, again.peak, dry.peak)
  line('most memory', formatBytes(peak), `under 300 MB: ${verdict(peak < 300e6)}`)
} finally {
  await removeServer(home)
}
