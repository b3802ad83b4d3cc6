/**
 * Every secret that the program takes or gives, followed through commands, the listener and the mail: it is in the
 * one answer whose result it is, and in no other output, list of processes, row, audit or log.
 */
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect } from 'chai'
import { controlPlane } from '../support/dump.js'
import { runListener, type RunningListener } from '../support/listener.js'
import { Place } from '../support/place.js'
import { TestSmtp } from '../support/smtp.js'
import type { Ran } from '../support/cli.js'

/** The shape is each command's and endpoint's own: a test reads the part it is about. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Result = any

describe('secrets', function () {
  this.timeout(240_000)
  const place = new Place()
  const password = {
    admin: 'first password, never told',
    new: 'second password, never told',
    wrong: 'third password',
  }
  const given = {
    STRIPE_SECRET_KEY: 'sk_test_neverToldAnywhere1',
    STRIPE_WEBHOOK_SECRET: 'whsec_neverToldAnywhere2,whsec_neverToldAnywhere3',
    RAZORPAY_KEY_ID: 'rzp_test_public',
    RAZORPAY_KEY_SECRET: 'neverToldAnywhere4',
    RAZORPAY_WEBHOOK_SECRET: 'neverToldAnywhere5',
    // Nobody is there: what is asked of a provider fails, and says why.
    ERPMAX_STRIPE_API_BASE: 'http://127.0.0.1:9',
    ERPMAX_RAZORPAY_API_BASE: 'http://127.0.0.1:9',
  }
  const mailer = { name: 'mailer', password: 'neverToldAnywhere6' }
  /** By name, each with the name of what may show it. */
  const secrets = new Map<string, { text: string; shownBy: string | null }>()
  /** What was printed or answered, by what was run. */
  const printed: { what: string; text: string }[] = []
  let processes = ''
  let smtp: TestSmtp
  let listener: RunningListener
  let env: Record<string, string> = {}

  before(async () => {
    smtp = await TestSmtp.start({ user: mailer })
    env = {
      ...{ ...given, ERPMAX_BCRYPT_COST: '4', ERPMAX_PUBLIC_URL: 'https://people.example.test' },
      ...{
        SMTP_URL: smtp.url('', `${mailer.name}:${mailer.password}@`),
        ERPMAX_MAIL_FROM: 'Acme <a@acme.test>',
      },
    }
    for (const [name, text] of Object.entries(given))
      if (/SECRET/.test(name)) for (const part of text.split(',')) secret(`${name} ${part}`, part)
    secret('SMTP_URL', mailer.password)
    for (const [name, text] of Object.entries(password)) secret(`password ${name}`, text)
    await run('db start')
    listener = await runListener({ ERPMAX_HOME: place.home, ...env }, ['--with-api', '--erpnext-compat'])
  })
  after(async () => {
    await listener?.end('SIGKILL')
    await smtp?.stop()
    await place.remove()
  })

  function secret(name: string, text: unknown, shownBy: string | null = null): string {
    expect(text, name).to.be.a('string')
    expect(String(text).length, name).to.be.greaterThan(8)
    secrets.set(name, { text: String(text), shownBy })
    return String(text)
  }

  /** What anybody on the machine sees while it runs: command lines of all, without their environments. */
  function look(pid: number | undefined): void {
    processes += spawnSync('ps', ['-eww', '-o', 'args'], { encoding: 'utf8' }).stdout ?? ''
    try {
      processes += readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    } catch {
      // It is over, or there is no /proc.
    }
  }

  async function run(line: string, stdin?: string, { fails = false, more = {} } = {}): Promise<Result> {
    const what = `${line} ${printed.length}`
    const ran: Ran = await place.run([...line.split(' '), '--json', '--debug'], {
      env: { ...env, ...more },
      ...(stdin === undefined ? {} : { stdin }),
      onStart: (child) => {
        const watch = setInterval(() => look(child.pid), 150)
        child.on('exit', () => clearInterval(watch))
      },
    })
    printed.push({ what, text: ran.stdout + ran.stderr })
    expect(ran.code === 0, `${line}\n${ran.stdout}${ran.stderr}`).to.equal(!fails)
    return { ...ran.json?.data, what }
  }

  async function ask(
    url: string,
    options: { json?: object; form?: Record<string, string>; headers?: object } = {},
  ): Promise<Result> {
    const { json, form, headers = {} } = options
    const what = `${url} ${printed.length}`
    const answer = await fetch(listener.url + url, {
      redirect: 'manual',
      method: json || form ? 'POST' : 'GET',
      ...(json ? { body: JSON.stringify(json) } : form ? { body: new URLSearchParams(form) } : {}),
      headers: { ...(json ? { 'content-type': 'application/json' } : {}), ...headers },
    })
    const text = await answer.text()
    printed.push({ what, text: text + JSON.stringify([...answer.headers]) })
    return {
      ...(text.startsWith('{') ? (JSON.parse(text) as { data?: object }).data : {}),
      status: answer.status,
      what,
    }
  }
  const lastOf = (url: string): string => url.split('/').pop() ?? ''

  it('of people, programs and sites do their work', async () => {
    const created = await run(
      'tenant create acme --name Acme --admin-email ann@acme.test --modules finance --tier PROFESSIONAL --password-stdin',
      `${password.admin}\n`,
    )
    secret('first access token', created.access_token, created.what)
    const login = await run('tenant credentials acme')
    secret('database login', login.credentials.password, login.what)

    // Invited, resent, mailed, accepted.
    const invited = await run('user invite acme ravi@acme.test --role user')
    secret('invitation', lastOf(invited.invitation_url), invited.what)
    const resent = await run('user invitations resend acme ravi@acme.test')
    const token = secret('invitation again', lastOf(resent.invitation_url), resent.what)
    await run('user accept --token-stdin --password-stdin', `${token}x\n${password.new}\n`, { fails: true })
    await run('user accept --token-stdin --password-stdin', `${token}\n${password.new}\n`)
    await run('user accept --token-stdin --password-stdin', `${token}\n${password.new}\n`, { fails: true })
    const page = await run('user invite acme mina@acme.test --role user')
    const link = secret('invitation by page', lastOf(page.invitation_url), page.what)
    expect(
      (
        await ask(`/invitations/${link}`, {
          form: { name: 'Mina', password: password.new, password_again: 'not the same' },
        })
      ).status,
    ).to.equal(422)
    // The cookie of the form is the token: it is the answer to whoever came with it.
    secrets.set('invitation by page', { text: link, shownBy: `${page.what}|/invitations/` })
    expect(
      (
        await ask(`/invitations/${link}`, {
          form: { name: 'Mina', password: password.new, password_again: password.new },
        })
      ).status,
    ).to.equal(200)
    const asked = await run('user reset-password ravi@acme.test')
    const reset = secret('reset', lastOf(asked.reset_url), asked.what)
    expect(
      (await ask(`/reset/${reset}`, { form: { password: password.admin, password_again: password.admin } }))
        .status,
    ).to.equal(200)

    // Signed in, at the command line and over HTTP; with wrong passwords, too.
    await run('auth login ann@acme.test --password-stdin', password.wrong, { fails: true })
    const signed = await run('auth login ann@acme.test --password-stdin', password.admin)
    const access = secret('access token', signed.access_token, signed.what)
    const refresh = secret('refresh token', signed.refresh_token, signed.what)
    await run('auth whoami --token-stdin', access)
    await run('auth switch nowhere --token-stdin', refresh, { fails: true })
    const next = await run('auth refresh --token-stdin', refresh)
    secret('next refresh token', next.refresh_token, next.what)
    await run('auth refresh --token-stdin', refresh, { fails: true })
    await ask('/api/v1/auth/login', { json: { email: 'ann@acme.test', password: password.wrong } })
    const web = await ask('/api/v1/auth/login', { json: { email: 'mina@acme.test', password: password.new } })
    const bearer = { authorization: `Bearer ${secret('web access token', web.access_token, web.what)}` }
    await ask('/api/v1/auth/me', { headers: bearer })
    await ask(`/api/v1/auth/me?token=${web.access_token}`, {
      headers: { authorization: `Bearer ${web.access_token}x` },
    })
    await ask('/api/v1/auth/logout', {
      json: { refresh_token: secret('web refresh token', web.refresh_token, web.what) },
    })

    // Programs, sites, keys.
    const key = await run('api-key create acme --name sync --scope finance:read')
    secret('API key', key.token, key.what)
    await run('token verify --token-stdin', key.token)
    await run(`api-key revoke ${key.key.prefix}`)
    await run('token verify --token-stdin', key.token, { fails: true })
    const site = await run('sso-site add acme --site https://erp.acme.test')
    const siteKey = secret('key of a site', site.token, site.what)
    const issue =
      'sso-token issue --tenant acme --user ravi@acme.test --site https://erp.acme.test --reason ticket'
    for (const way of ['redeem', 'validate', 'callback', 'command'] as const) {
      const made = await run(issue)
      const one = secret(`SSO token ${way}`, made.token, made.what)
      const headers = { 'x-site-key': siteKey }
      if (way === 'redeem') await ask('/sso/redeem', { json: { token: one }, headers })
      else if (way === 'validate') await ask(`/api/v1/sso/erpnext/validate/${one}`, { headers })
      else if (way === 'callback')
        await ask(`/api/v1/sso/erpnext/callback?token=${one}&redirect=//evil.test`, { headers })
      else
        await run('sso-token redeem --site https://erp.acme.test --token-stdin', one, {
          more: { ERPMAX_SSO_SITE_KEY: siteKey },
        })
      await ask(`/sso/redeem?token=${one}`, { headers })
      await ask(`/nowhere/${one}`, { headers: { 'x-site-key': `${siteKey}x` } })
    }
    const rotated = await run('sso-site rotate https://erp.acme.test')
    secret('next key of a site', rotated.token, rotated.what)
    await run('token key rotate')
    for (const file of readdirSync(place.home, { recursive: true, encoding: 'utf8' })) {
      const full = path.join(place.home, file)
      if (!/key|pem|jwk/i.test(path.basename(file)) || !statSync(full).isFile()) continue
      const text = readFileSync(full, 'utf8')
      const d = /"d":\s*"([\w-]+)"/.exec(text)?.[1] ?? /^[A-Za-z0-9+/=]{40,}$/m.exec(text)?.[0]
      if (d) secret(`private half in ${file}`, d)
    }
    expect([...secrets.keys()].filter((name) => name.startsWith('private half'))).not.to.deep.equal([])

    // Providers that are not there, a webhook with a wrong signature, and what there is to read.
    await run('payment providers check', undefined, { fails: true })
    await ask('/webhooks/stripe', {
      json: { id: 'evt_1' },
      headers: { 'stripe-signature': `t=1,v1=${'0'.repeat(64)}` },
    })
    await run('mail send')
    for (const line of [
      ...[
        'config show',
        'audit list --limit 200',
        'mail list',
        'user show ravi@acme.test',
        'api-key list acme',
      ],
      ...['user invitations list acme', 'sso-site list acme', 'sso-token list', 'token key list'],
    ])
      await run(line)
    await run('doctor').catch(() => {})
    const mails = await place.query<{ id: string }>(
      `select min(id::text) as id from public.mails where secrets is not null group by kind`,
    )
    for (const { id } of mails) await run(`mail show ${id}`)
    expect(mails.length).to.be.at.least(2)
  })

  it('reach those they are for by mail', async () => {
    const bodies = (await smtp.parsed()).map(({ text }) => text ?? '').join('\n')
    for (const name of ['invitation again', 'invitation by page', 'reset'])
      expect(bodies.includes(secrets.get(name)?.text ?? '?'), name).to.equal(true)
  })

  it('show in the one answer whose result they are, and in no other', () => {
    expect(secrets.size).to.be.at.least(28)
    const leaks: string[] = []
    for (const [name, { text, shownBy }] of secrets) {
      const shown = printed.filter((one) => one.text.includes(text)).map(({ what }) => what)
      const allowed = shownBy?.split('|') ?? []
      for (const what of shown)
        if (!allowed.some((one) => what.startsWith(one))) leaks.push(`${name} in ${what}`)
      if (shownBy !== null) expect(shown, name).to.include(allowed[0])
    }
    expect(leaks).to.deep.equal([])
  })

  it('show in no list of processes, no row, no audit and no log', async () => {
    expect(processes).to.include('--password-stdin')
    const rows = [...(await controlPlane(place))]
    expect(rows.some((row) => row.startsWith('audit_log'))).to.equal(true)
    const places = {
      processes,
      rows: rows.join('\n'),
      'log of the listener': listener.printed(),
      'log of the server': readFileSync(place.serverLog, 'utf8'),
    }
    expect(places['log of the listener']).to.include('/sso/redeem')
    const leaks = Object.entries(places).flatMap(([where, text]) =>
      [...secrets].filter(([, one]) => text.includes(one.text)).map(([name]) => `${name} in ${where}`),
    )
    expect(leaks).to.deep.equal([])
  })
})
