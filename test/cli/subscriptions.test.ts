/** The commands of plans and subscriptions as they are typed: exit codes, JSON, 80 columns, two at once, rehearsals. */
import { expect } from 'chai'
import { erpmax, events, type Ran } from '../support/cli.js'
import { controlPlane } from '../support/dump.js'
import { Place } from '../support/place.js'
import { openThrowAway } from '../support/server.js'
import { subscribedTenant, addPeople } from '../support/tenants.js'

const place = new Place()
const april = '2026-04-20T12:00:00Z'

const at = (now: string, words: string, how: 'here' | 'run' = 'here'): Promise<Ran> =>
  place[how](words.split(' '), { env: { ERPMAX_NOW: now, COLUMNS: '80' } })
const run = (words: string): Promise<Ran> => at(april, words)

async function inOrder<Result>(
  work: readonly string[],
  one: (words: string) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (const words of work) results.push(await one(words))
  return results
}

describe('the commands of subscriptions', () => {
  before(async () => {
    const ctx = await openThrowAway(place.home)
    const start = { startedOn: '2026-04-05' }
    await subscribedTenant(ctx, 'acme', { ...start, modules: ['crm', 'finance'] })
    await subscribedTenant(ctx, 'globex', { ...start, modules: ['crm'], tier: 'PROFESSIONAL' })
    const initech = await subscribedTenant(ctx, 'initech', { ...start, tier: 'PROFESSIONAL' })
    await subscribedTenant(ctx, 'trial', { startedOn: '2026-04-10', trialDays: 14 })
    await subscribedTenant(ctx, 'ended', start)
    for (const words of [
      'change globex --tier STARTER',
      'change initech --tier STARTER',
      'cancel ended --now --yes',
    ])
      expect((await run(`subscription ${words}`)).code, words).to.equal(0)
    await addPeople(ctx, initech.id, 'initech', 11)
    await ctx.close()
  })
  after(() => place.remove())

  it('rehearse: with --dry-run nothing is written, not even of a refusal', async () => {
    const before = await controlPlane(place)
    const { id } = (await run('subscription show globex --json')).json?.data.subscription
      .scheduled_changes[0] as {
      id: string
    }
    const rehearsals: [string, number][] = [
      ['plan set STARTER --max-users 1 --name Tiny', 0],
      ['subscription change acme --tier PROFESSIONAL --cycle annual --now', 0],
      ['subscription change initech --tier FREE', 6],
      ['subscription change trial --tier ENTERPRISE', 0],
      ['subscription cancel acme --now', 0],
      ['subscription cancel trial', 0],
      ['subscription resume acme', 6],
      [`subscription withdraw globex ${id}`, 0],
      ['subscription extend-trial trial --days 7', 0],
      ['subscription start ended --modules crm', 0],
      ['subscription apply --as-of 2026-05-05', 3],
    ]
    for (const [words, code] of rehearsals) {
      const { json, ...result } = await run(`${words} --dry-run --json`)
      expect(result.code, `${words}: ${result.stdout}${result.stderr}`).to.equal(code)
      if (code !== 6) expect(json?.data, words).to.include({ dry_run: true })
    }
    expect(await controlPlane(place)).to.deep.equal(before)
  })

  it('read well at 80 columns', async () => {
    const texts = await inOrder(
      [
        'plan list',
        'plan show STARTER',
        'subscription show acme',
        'subscription show globex',
        'subscription show ended',
        'subscription history globex',
        'subscription change acme --tier ENTERPRISE --cycle annual --now -n',
        'subscription cancel acme --now -n',
        'subscription apply -n --as-of 2026-05-05',
      ],
      (words) => run(words),
    )
    for (const { stdout, code } of texts) {
      expect(code).to.be.oneOf([0, 3])
      const lines = stdout.split('\n').filter((line) => !/^. \w+: /.test(line))
      expect(Math.max(...lines.map((line) => line.length)), stdout).to.be.at.most(80)
    }
  })

  it('ask before they cancel, and elsewhere name the flag', async () => {
    const refused = await run('subscription cancel acme --json')
    expect([refused.code, refused.json?.error?.code]).to.deep.equal([2, 'usage.confirmation_missing'])
    expect((await run('subscription cancel acme --no-credit --yes --json')).code).to.equal(2)
    const chosen = await at('2026-05-06T12:00:00Z', 'subscription apply --all --json')
    expect([chosen.code, chosen.json?.error?.hint]).to.deep.equal([2, '--confirm 3'])
  })

  it('change once where two ask at once', async () => {
    const both = await Promise.all(
      [1, 2].map(() => at(april, 'subscription change acme --tier PROFESSIONAL --json', 'run')),
    )
    expect(both.map(({ code }) => code)).to.deep.equal([0, 0])
    expect(both.map(({ json }) => json?.data.changed as boolean).sort()).to.deep.equal([false, true])
    const { json } = await run('subscription show acme --json')
    expect(json?.data.subscription).to.deep.include({
      tenant: 'acme',
      tier: 'PROFESSIONAL',
      status: 'active',
    })
    expect(json?.data.subscription.pending_adjustments).to.have.length(1)
  })

  it('apply what is due once, however many run at once, and report what cannot be', async () => {
    const may = '2026-05-06T12:00:00Z'
    const runs = await Promise.all([1, 2].map(() => at(may, 'subscription apply --ndjson', 'run')))
    for (const one of runs) expect(one.code, one.stderr).to.equal(3)
    const outcomes = runs.flatMap((one) => events(one).slice(0, -1))
    const changed = outcomes.filter(({ result }) => (result as { changes: object[] } | null)?.changes.length)
    expect(changed.map(({ tenant }) => tenant).sort()).to.deep.equal(['globex', 'trial'])
    expect(events(runs[0] as Ran).at(-1)).to.deep.include({ event: 'result', ok: true })
    const again = await at(may, 'subscription apply --json')
    expect(again.json?.data).to.include({ succeeded: 0, failed: 1 })
    expect(again.json?.data.items[0].error).to.include({ code: 'tier.too_many_users' })
    const one = await at(may, 'subscription apply globex --json')
    expect([one.code, one.json?.data.items[0].result.changes]).to.deep.equal([0, []])
  })

  it('say in the audit log and the history who did what', async () => {
    const refused = await run('subscription change initech --tier FREE --json')
    expect([refused.code, refused.json?.error?.code]).to.deep.equal([6, 'tier.too_many_users'])
    const log = await place.query<{ line: string }>(
      `select concat_ws(' ', action, subject, outcome, error_code) as line from public.audit_log order by at`,
    )
    const lines = log.map(({ line }) => line)
    expect(lines).to.include.members([
      'subscription.change acme succeeded',
      'subscription.apply globex succeeded',
      'subscription.apply initech refused tier.too_many_users',
      'subscription.change initech refused tier.too_many_users',
    ])
    expect(lines.filter((line) => line === 'subscription.change acme succeeded')).to.have.length(1)
    const history = await erpmax(['subscription', 'history', 'globex', '--json', '--limit', '1'], {
      env: { ERPMAX_HOME: place.home },
    })
    expect(history.json?.data.items[0]).to.include({
      kind: 'tier',
      status: 'applied',
      effective_on: '2026-05-05',
    })
    expect(history.json?.data.next_cursor).to.be.a('string')
  })
})
