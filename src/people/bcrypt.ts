/** What is computed of a password: its hash, and whether it is the one of a hash. A third of a second of pure work. */

/** A job of the thread; texts alone, since a `Secret` does not travel. */
export type PasswordWork =
  | { kind: 'hash'; password: string; cost: number }
  | { kind: 'compare'; password: string; hash: string | null; cost: number }

/** Whether the password is the one of the hash, and a hash at the configured cost where the stored one is older. */
export interface ComparedPassword {
  right: boolean
  upgraded: string | null
}

export type PasswordAnswer<Work extends PasswordWork> = Work['kind'] extends 'hash'
  ? string
  : ComparedPassword

export async function work(job: PasswordWork): Promise<string | ComparedPassword> {
  return job.kind === 'hash' ? hashed(job) : compared(job)
}

async function hashed({ password, cost }: { password: string; cost: number }): Promise<string> {
  const { default: bcrypt } = await import('bcryptjs')
  return bcrypt.hash(password, cost)
}

/**
 * Takes as long for nobody's password (`hash` null) and for a wrong one, whatever the cost their hash was made at:
 * costs c, c, c+1 ... C-1 together are the work of C.
 */
async function compared({
  password,
  hash,
  cost,
}: {
  password: string
  hash: string | null
  cost: number
}): Promise<ComparedPassword> {
  const { default: bcrypt } = await import('bcryptjs')
  const own = hash === null ? cost : bcrypt.getRounds(hash)
  const right = (await bcrypt.compare(password, hash ?? nobodys(cost))) && hash !== null
  if (right) return { right, upgraded: own < cost ? await bcrypt.hash(password, cost) : null }
  for (let rest = own; rest < cost; rest++) await bcrypt.compare(password, nobodys(rest))
  return { right, upgraded: null }
}

/** A hash that is no password's, at this cost. */
function nobodys(cost: number): string {
  return `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(22)}${'/'.repeat(31)}`
}
