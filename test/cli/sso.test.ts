/** Sites and tokens on the built program: what scripts see, what kill -9 leaves, and where secrets do not show. */
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { controlPlane } from '../support/dump.js'
import { Place } from '../support/place.js'
import { openThrowAway } from '../support/server.js'
import { ssoScene, type SsoScene } from '../support/sso.js'
import type { Ran, RunOptions } from '../support/cli.js'

describe('sso-site and sso-token', function () {
  this.timeout(180_000)
  const place = new Place()
  const printed: string[] = []
  let acme: SsoScene

  async function run(words: string[], options: RunOptions = {}): Promise<Ran> {
    const ran = await place.run([...words, '--json'], options)
    printed.push(ran.stdout + ran.stderr)
    return ran
  }

  const issue = async (env: Record<string, string> = {}): Promise<string> => {
    const { tenant, user, site } = acme
    const named = ['--tenant', tenant.subdomain, '--user', user.email, '--site', site.origin]
    // Not through `run`: here the token is the result.
    const ran = await place.run(['sso-token', 'issue', ...named, '--reason', 'ticket 7', '--json'], { env })
    expect(ran.code, ran.stdout).to.equal(0)
    return String(ran.json?.data.token)
  }
  const redeem = (token: string, env: Record<string, string> = {}, more: RunOptions = {}): Promise<Ran> =>
    run(['sso-token', 'redeem', '--site', acme.site.origin, '--token-stdin'], {
      ...more,
      ...{ stdin: `${token}\n`, env: { ERPMAX_SSO_SITE_KEY: acme.key, ...env } },
    })
  const codeOf = (ran: Ran): unknown[] => [ran.code, ran.json?.error?.code ?? 'none']

  before(async () => {
    const ctx = await openThrowAway(place.home)
    acme = await ssoScene(ctx, 'acme')
    await ctx.close()
    await place.query(`alter role erpmax set log_statement = 'all'`)
  })
  after(() => place.remove())

  it('take the key from the settings or the second line of stdin, and say what is missing', async () => {
    const token = await issue()
    const words = ['sso-token', 'redeem', '--site', acme.site.origin]
    expect(codeOf(await run([...words, '--token-stdin'], { stdin: `${token}\n` }))).to.deep.equal([
      ...[2, 'usage.site_key_missing'],
    ])
    expect(codeOf(await run(words))).to.deep.equal([2, 'usage.token_missing'])
    expect(codeOf(await run(['sso-token', 'inspect']))).to.deep.equal([2, 'usage.token_missing'])
    const wrong = await run([...words, '--token-stdin'], { stdin: `${token}\nerpsite_wrong\n` })
    expect(codeOf(wrong)).to.deep.equal([4, 'sso.key_unknown'])
    const inspected = await run(['sso-token', 'inspect', '--token-stdin'], { stdin: token })
    expect(inspected.json?.data.sso_token).to.include({
      status: 'issued',
      redeemable: true,
      reason: 'ticket 7',
    })
    const right = await run([...words, '--token-stdin'], { stdin: `${token}\r\n${acme.key}\r\n` })
    expect(right.json?.data.session.user.email, right.stdout).to.equal(acme.user.email)
    expect(right.json?.data.session.operator.reason).to.equal('ticket 7')
    expect(codeOf(await redeem(token))).to.deep.equal([6, 'sso.token_used'])
  })

  it('end by the clock at 61 seconds', async () => {
    const token = await issue({ ERPMAX_NOW: '2026-05-01T10:00:00Z' })
    expect(codeOf(await redeem(token, { ERPMAX_NOW: '2026-05-01T10:01:01Z' }))).to.deep.equal([
      6,
      'sso.token_expired',
    ])
    expect(codeOf(await redeem(token, { ERPMAX_NOW: '2026-05-01T10:00:59Z' }))).to.deep.equal([0, 'none'])
  })

  it('are used up or not after kill -9, never both', async () => {
    const token = await issue()
    const killed = await redeem(token, { ERPMAX_FAILPOINT: 'sso.before_redeemed:kill' })
    expect(killed.signal).to.equal('SIGKILL')
    expect(
      await place.query('select 1 from public.audit_log where action = $1 and outcome = $2', [
        'sso_token.redeem',
        'succeeded',
      ]),
    ).to.have.length(2)
    expect(codeOf(await redeem(token))).to.deep.equal([0, 'none'])
    expect(codeOf(await redeem(token))).to.deep.equal([6, 'sso.token_used'])
  })

  it('show in no list of processes, no output, no row and no log of the server', async () => {
    const token = await issue()
    let words = ''
    const hanging = redeem(
      token,
      { ERPMAX_FAILPOINT: 'sso.before_redeemed:hang' },
      {
        onStart: (child) => {
          const look = setInterval(() => {
            words = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')
            void place
              .query<{ held: number }>(
                `select count(*)::int as held from pg_stat_activity where state = 'idle in transaction' and application_name = $1`,
                [`erpmax ${child.pid}`],
              )
              .then(([found]) => {
                if (!found?.held) return
                clearInterval(look)
                child.kill('SIGKILL')
              })
          }, 200)
        },
      },
    )
    expect((await hanging).signal).to.equal('SIGKILL')
    expect(words).to.include('redeem')
    const everything = [...(await controlPlane(place))].join('\n')
    const log = readFileSync(place.serverLog, 'utf8')
    expect(log).to.include('sso_tokens')
    for (const secret of [token, acme.key])
      for (const [where, text] of Object.entries({ words, everything, log, printed: printed.join('\n') }))
        expect(text.includes(secret), where).to.equal(false)
  })

  it('of a site are confirmed before they end, and ended once', async () => {
    const { origin } = acme.site
    expect(codeOf(await run(['sso-site', 'rotate', origin, '--now']))).to.deep.equal([
      2,
      'usage.confirmation_missing',
    ])
    expect(codeOf(await run(['sso-site', 'remove', origin]))).to.deep.equal([2, 'usage.confirmation_missing'])
    const token = await issue()
    const { changed, revoked_tokens } = (await run(['sso-site', 'remove', origin, '--yes'])).json?.data ?? {}
    expect(changed).to.equal(true)
    // The one whose redemption was killed waits still, unless its minute is over.
    expect(revoked_tokens).to.be.oneOf([1, 2])
    expect((await run(['sso-site', 'remove', origin, '--yes'])).json?.data).to.include({ changed: false })
    expect(codeOf(await redeem(token))).to.deep.equal([4, 'sso.key_unknown'])
  })

  it('have addresses with https, but for this machine outside production', async () => {
    const add = (site: string): Promise<Ran> =>
      place.run(['sso-site', 'add', 'acme', '--site', site, '--json'])
    expect(codeOf(await add('http://erp.example.test'))).to.deep.equal([2, 'sso.site_invalid'])
    expect(codeOf(await add('http://localhost:8000'))).to.deep.equal([0, 'none'])
    expect(codeOf(await add('http://LOCALHOST:8000/'))).to.deep.equal([6, 'sso.site_exists'])
  })
})
