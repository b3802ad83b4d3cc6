/** What a person reads of the database server. */
import { formatFacts } from './format.js'
import type { ServerJson } from '../database/manage.js'

export function formatServer({ server }: { server: ServerJson & { stopped?: boolean } }): string {
  if (server.kind === 'external') return `erpmax runs on ${server.place}, which it neither starts nor stops.`
  const state = server.running
    ? `running, pid ${server.pid}`
    : server.initialised
      ? 'stopped'
      : 'not made yet: erpmax db start makes it'
  return formatFacts([
    ['Embedded Postgres', server.stopped === false ? 'was not running' : state],
    ['Home', server.place],
    ['Socket', server.running ? server.socket : null],
    ['Log', server.initialised ? server.log : null],
  ])
}
