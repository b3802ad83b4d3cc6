/** A small process beside the embedded server: stops it when no client has been connected for a while. */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { embeddedHome } from './home.js'
import { embeddedTarget, serverState } from './server.js'

const [root = '', seconds = '600'] = process.argv.slice(2)
const idleMs = Number(seconds) * 1000
const everyMs = Math.min(15_000, Math.max(200, idleMs / 4))
const home = embeddedHome(root)
const watched = serverState(home).pid

/** Sessions since the server began, other than this process's own looks; and clients connected now. */
async function activity(looks: number): Promise<{ sessions: number; clients: number } | null> {
  const client = new pg.Client({
    ...(await embeddedTarget(home, 'postgres')),
    connectionTimeoutMillis: 5000,
    query_timeout: 5000,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ sessions: string; clients: string }>(
      `select (select sum(sessions) from pg_stat_database) as sessions,
              (select count(*) from pg_stat_activity
                where backend_type = 'client backend' and pid <> pg_backend_pid()) as clients`,
    )
    return { sessions: Number(rows[0]?.sessions ?? 0) - looks, clients: Number(rows[0]?.clients ?? 0) }
  } catch {
    return null
  } finally {
    await client.end().catch(() => {})
  }
}

let lastSeen = Date.now()
let lastSessions = -1
for (let looks = 1; ; looks++) {
  const { pid } = serverState(home)
  if (pid === null || pid !== watched) break
  const now = await activity(looks)
  if (now && (now.clients > 0 || now.sessions > lastSessions)) {
    lastSeen = Date.now()
    lastSessions = now.sessions
  }
  if (now && Date.now() - lastSeen >= idleMs) {
    process.kill(pid, 'SIGTERM')
    break
  }
  await sleep(everyMs)
}
