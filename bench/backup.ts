/** `npm run bench:backup`: 600,000 rows over 20 tables saved and restored, beside COPY through gzip -1 in the same run. */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { embeddedUrl } from '../src/database/embedded/server.js'
import { embeddedHome } from '../src/database/embedded/home.js'
import { packageRoot } from '../src/kernel/package-root.js'
import { formatBytes } from '../src/terminal/format.js'
import { filledTables, fillStatements } from '../test/support/backup-rows.js'
import { openThrowAway, removeServer, throwAwayFolder } from '../test/support/server.js'
import { median, milliseconds, timed } from './statistics.js'

const rowsEach = 30_000
const rounds = 5
const home = throwAwayFolder()
const file = path.join(home, 'bench.erpmax-backup')
const schema = 'tenant_bench'

/** Told at the end of the child: bytes of the most memory it ever had. */
const tellMemory =
  '--import=data:text/javascript,process.on(%22exit%22,()=>process._rawDebug(%22maxrss%22,process.resourceUsage().maxRSS))'

interface Ran {
  ms: number
  peak: number
}

/** The built program, as an operator runs it. */
async function erpmax(...args: string[]): Promise<Ran> {
  let told = ''
  const env = { PATH: process.env.PATH, ERPMAX_HOME: home, ERPMAX_PG_IDLE: '0', NODE_OPTIONS: tellMemory }
  const ms = await timed(async () => {
    const child = spawn(process.execPath, [path.join(packageRoot(), 'bin', 'run.js'), ...args], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()))
    const code = await new Promise((resolve) => child.on('close', resolve))
    if (code !== 0) throw new Error(`erpmax ${args.join(' ')}: ${told}`)
  })
  return { ms, peak: Number(/maxrss (\d+)/.exec(told)?.[1] ?? NaN) * 1024 }
}

const copies = filledTables.map((table) => `copy ${schema}.${table} to stdout;`)

/** `psql | gzip -1`, in a pipe of two processes beside the server's. */
function throughGzip(url: string, output: string): Promise<number> {
  return timed(async () => {
    const child = spawn('sh', ['-c', 'psql -q "$1" | gzip -1 > "$2"', 'sh', url, output], {
      stdio: ['pipe', 'ignore', 'inherit'],
    })
    child.stdin.end(copies.join('\n'))
    const code = await new Promise((resolve) => child.on('close', resolve))
    if (code !== 0) throw new Error('psql | gzip failed')
  })
}

/** Where there is no psql: the same by the driver, through one stream of zlib. */
function throughZlib(url: string, output: string): Promise<number> {
  return timed(async () => {
    const client = new pg.Client(url)
    await client.connect()
    const gzip = createGzip({ level: 1 })
    const written = pipeline(gzip, createWriteStream(output))
    for (const statement of copies)
      for await (const chunk of client.query(copyTo(statement)))
        if (!gzip.write(chunk)) await new Promise((resolve) => gzip.once('drain', resolve))
    gzip.end()
    await written
    await client.end()
  })
}

// fsync on, as a user has it.
const ctx = await openThrowAway(home, { ERPMAX_ENV: 'development' })
const url = await embeddedUrl(embeddedHome(home))
const line = (name: string, value: string, beside = ''): void =>
  void process.stdout.write(`${name.padEnd(46)} ${value.padStart(10)}  ${beside}\n`)

try {
  await erpmax('tenant', 'create', 'bench', '--name', 'Bench', '--admin-email', 'a@bench.test')
  const client = new pg.Client(url)
  await client.connect()
  await client.query(`set search_path = ${schema}`)
  for (const statement of fillStatements(rowsEach)) await client.query(statement)
  await client.query('vacuum analyze')
  await client.end()

  const hasPsql = spawnSync('psql', ['--version'], { stdio: 'ignore' }).status === 0
  const peer = hasPsql ? throughGzip : throughZlib
  const [ours, theirs, peaks] = [[] as number[], [] as number[], [] as number[]]
  for (let round = 0; round < rounds; round++) {
    const ran = await erpmax('backup', 'create', 'bench', '--output', path.join(home, `${round}.bak`))
    ours.push(ran.ms)
    peaks.push(ran.peak)
    theirs.push(await peer(url, path.join(home, `${round}.gz`)))
  }
  await erpmax('backup', 'create', 'bench', '--output', file)
  const verified = await erpmax('backup', 'verify', file)
  const restored = await erpmax('backup', 'restore', file, '--as', 'bench-copy')

  const bytes = await copiedBytes()
  const [source, copy] = [await contentOf(schema), await contentOf('tenant_bench_copy')]
  const equal = Object.keys(source).filter((table) => source[table] === copy[table]).length
  const total = Object.keys({ ...source, ...copy }).length
  const speed = (ms: number): string => `${(bytes / 1e6 / (ms / 1000)).toFixed(1)} MB/s`
  const [own, other] = [median(ours), median(theirs)]
  const peak = Math.max(...peaks, verified.peak, restored.peak)
  const load = os.loadavg().map((one) => one.toFixed(1))
  process.stdout.write(
    `${rowsEach * filledTables.length} rows in ${filledTables.length} tables, ${formatBytes(bytes)}; medians of ${rounds} in turns\n` +
      `Postgres 18 with fsync on, Node ${process.version}, ${os.availableParallelism()} processors, load ${load.join(' ')}\n\n`,
  )
  line('backup create, the whole command', milliseconds(own), speed(own))
  line(hasPsql ? 'psql COPY | gzip -1' : 'COPY through zlib, level 1', milliseconds(other), speed(other))
  line('backup file', formatBytes((await stat(file)).size))
  line('gzip file', formatBytes((await stat(path.join(home, '0.gz'))).size))
  line('backup verify', milliseconds(verified.ms), speed(verified.ms))
  line('backup restore --as, schema and all', milliseconds(restored.ms), speed(restored.ms))
  line('most memory: create', formatBytes(Math.max(...peaks)))
  line('most memory: verify', formatBytes(verified.peak))
  line('most memory: restore', formatBytes(restored.peak))

  process.stdout.write('\ntargets\n')
  const ratio = other / own
  line(
    'speed beside COPY through gzip -1',
    ratio.toFixed(2),
    `at least 0.80: ${ratio >= 0.8 ? 'ok' : 'MISSED'}`,
  )
  line('most memory', formatBytes(peak), `under 200 MB: ${peak < 200e6 ? 'ok' : 'MISSED'}`)
  line(
    'tables restored with equal rows and hash',
    `${equal} of ${total}`,
    `all: ${equal === total && total > 0 ? 'ok' : 'MISSED'}`,
  )
} finally {
  await ctx.close()
  await removeServer(home)
}

/** What COPY sends of the tables, which both of them read. */
async function copiedBytes(): Promise<number> {
  const client = new pg.Client(url)
  await client.connect()
  let bytes = 0
  for (const statement of copies)
    for await (const chunk of client.query(copyTo(statement))) bytes += (chunk as Buffer).length
  await client.end()
  return bytes
}

/** The rows of each table of a schema, with a hash of them. */
async function contentOf(name: string): Promise<Record<string, string>> {
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query<{ table: string }>(
    `select table_name as table from information_schema.tables where table_schema = $1`,
    [name],
  )
  const content: Record<string, string> = {}
  for (const { table } of rows) {
    const hash = createHash('sha256')
    const copied = client.query(copyTo(`copy ${name}.${table} to stdout`))
    for await (const chunk of copied) hash.update(chunk as Buffer)
    content[table] = `${copied.rowCount} ${hash.digest('hex')}`
  }
  await client.end()
  return content
}
