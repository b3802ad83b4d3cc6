/** Whether what everybody may do on this server leaves the tenants' logins where they belong. */
import { oneRow, sql } from '../../database/sql.js'
import { openToAll, type Openness } from '../../schemas/login-reach.js'
import { ok, problem, warning, type Check } from './check.js'
import type { Context } from '../../kernel/context.js'

const name = 'isolation'

export async function checkIsolation(ctx: Pick<Context, 'db'>): Promise<Check> {
  const { logins } = await oneRow<{ logins: number }>(
    ctx.db,
    sql`select count(*)::int as logins from public.tenant_logins where disabled_at is null`,
  )
  return judgeIsolation(await openToAll(ctx), logins)
}

/** Without a login there is nobody yet who could make use of it. @param logins of tenants that are not disabled */
export function judgeIsolation({ reachable, functions, databases }: Openness, logins: number): Check {
  const [first, ...others] = reachable
  if (first) {
    const more = others.length > 0 ? ` and ${others.length} more` : ''
    const whom = logins > 0 ? `, and so may ${signing(logins)}` : ''
    const remedy = `psql "$(erpmax db url)" -c '${first.remedy}'`
    return (logins > 0 ? problem : warning)(
      name,
      `everybody may reach ${first.thing}${more}${whom}`,
      others.length > 0 ? `${remedy}, then erpmax doctor for the next` : remedy,
    )
  }
  if (logins === 0)
    return ok(name, 'no tenant has a database login, and nothing of ours is open to everybody')
  const open = [
    ...(functions.length > 0 ? ['take advisory locks or make large objects'] : []),
    ...(databases.length > 0 ? [`connect to ${databases.join(', ')}`] : []),
  ]
  const message = `nothing of ours is open to everybody, and so to ${signing(logins)}`
  if (open.length === 0) return ok(name, message)
  return warning(name, `${message}; but everybody may ${open.join(' and ')}`, closing(functions, databases))
}

/** On a server of one's own a superuser has to do it: the functions belong to Postgres. */
function closing(functions: readonly string[], databases: readonly string[]): string {
  return [
    ...(functions.length > 0
      ? ['As a superuser: the statements of SECURITY.md, "The login of a tenant\'s ERP"']
      : []),
    ...databases.map((database) => `revoke connect on database "${database}" from public;`),
  ].join('; ')
}

function signing(logins: number): string {
  return logins === 1 ? 'the one tenant with a database login' : `the ${logins} tenants with a database login`
}
