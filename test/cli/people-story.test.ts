/** People from the invitation to the end, on the built program: its mail, its pages, logins, SSO, and what closes them out. */
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { browserPath, startBrowser } from '../support/browser.js'
import { runListener, type RunningListener } from '../support/listener.js'
import { Place } from '../support/place.js'
import { TestSmtp } from '../support/smtp.js'
import type { Envelope, Ran, RunOptions } from '../support/cli.js'

const site = 'https://erp.acme.test'
const passwords = {
  owner: 'the owner has many words',
  ravi: 'ravi has many words too',
  asha: 'आशा के कई शब्द',
} as const

interface Answer {
  status: number
  body: { ok: boolean; data?: Record<string, unknown>; error?: { code: string } }
}

describe('the story of people', function () {
  this.timeout(180_000)
  const place = new Place()
  let smtp: TestSmtp
  let listener: RunningListener
  let publicUrl = ''
  const printed: string[] = []
  const secrets: string[] = Object.values(passwords)

  const settings = () => ({
    ERPMAX_HOME: place.home,
    ERPMAX_BCRYPT_COST: '4',
    ERPMAX_PUBLIC_URL: publicUrl,
    SMTP_URL: smtp.url(),
  })
  async function run(line: string, options: RunOptions = {}): Promise<Ran> {
    return place.here([...line.split(' '), '--json'], { ...options, env: { ...settings(), ...options.env } })
  }
  /** Of a command that works, its data. */
  async function done(line: string, options: RunOptions = {}): Promise<NonNullable<Envelope['data']>> {
    const ran = await run(line, options)
    expect(ran.code, `${line}\n${ran.stdout}${ran.stderr}`).to.equal(0)
    return ran.json?.data
  }
  const refusal = async (line: string, options: RunOptions = {}): Promise<unknown[]> => {
    const ran = await run(line, options)
    printed.push(ran.stdout + ran.stderr)
    return [ran.code, ran.json?.error?.code ?? ran.json?.data?.token?.reason]
  }

  /** As the world sees it; the name stands for this machine. */
  const reached = (url: string): string => url.replace(publicUrl, listener.url)
  async function call(path: string, init: { body?: unknown; bearer?: string } = {}): Promise<Answer> {
    const response = await fetch(listener.url + path, {
      method: init.body === undefined ? 'GET' : 'POST',
      headers: {
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(init.bearer === undefined ? {} : { authorization: `Bearer ${init.bearer}` }),
      },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    })
    return { status: response.status, body: (await response.json()) as Answer['body'] }
  }
  const told = ({ status, body }: Answer): unknown[] => [status, body.error?.code ?? 'none']

  /** The link in the newest mail to somebody, sent now. */
  async function mailed(to: string, page: 'invitations' | 'reset'): Promise<string> {
    const before = smtp.received.length
    await done('mail send')
    expect(smtp.received.length).to.be.greaterThan(before)
    const mails = (await smtp.parsed()).filter((mail) => mail.to?.[0]?.address === to)
    const link = new RegExp(`${publicUrl}/${page}/[\\w-]{43}`).exec(mails.at(-1)?.text ?? '')?.[0]
    expect(link, `a link in the mail to ${to}`).to.be.a('string')
    secrets.push(String(link).split('/').at(-1) ?? '')
    return link ?? ''
  }

  /** Without a browser and without a script: three requests, the cookie between them. */
  async function acceptByHttp(link: string, form: Record<string, string>): Promise<number> {
    const first = await fetch(reached(link), { redirect: 'manual' })
    expect(first.status).to.equal(303)
    const cookie = String(first.headers.get('set-cookie')).split(';')[0] ?? ''
    const page = new URL(first.headers.get('location') ?? '', listener.url)
    const html = await (await fetch(page, { headers: { cookie } })).text()
    const csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? ''
    const answer = await fetch(page, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ csrf, ...form }),
    })
    return answer.status
  }

  const login = (email: string, password: string): Promise<Answer> =>
    call('/api/v1/auth/login', { body: { email, password } })

  async function letIn(email: string, key: string): Promise<[string, Answer]> {
    const named = `--tenant acme --user ${email} --site ${site} --redirect /app --reason story`
    const { token } = await done(`sso-token issue ${named}`)
    secrets.push(token)
    return [token, await call('/sso/redeem', { body: { token }, bearer: key })]
  }

  before(async () => {
    smtp = await TestSmtp.start()
    // Known before it listens: the address stands in the mails and in the settings of both.
    const port = await freePort()
    publicUrl = `http://people.test:${port}`
    await done('db start')
    listener = await runListener(settings(), ['--with-api'], port)
    expect(listener.port).to.equal(port)
  })
  after(async () => {
    await listener?.end('SIGTERM')
    await smtp?.stop()
    await place.remove()
  })

  it('the first owner opens the link that tenant create prints and mails, and is in', async () => {
    const create =
      'tenant create acme --name Acme --admin-email owner@acme.test --modules finance --tier STARTER'
    const { invitation_url: link, invitation_mailed } = await done(create)
    expect([invitation_mailed, await mailed('owner@acme.test', 'invitations')]).to.deep.equal([true, link])
    expect(link).to.match(new RegExp(`^${publicUrl}/invitations/[\\w-]{43}$`))
    secrets.push(link.split('/').at(-1))
    expect((await login('owner@acme.test', passwords.owner)).status).to.equal(401)
    const { owner: password } = passwords
    expect(await acceptByHttp(link, { name: 'Olena', password, password_again: password })).to.equal(200)
    expect((await login('OWNER@acme.test', password)).status).to.equal(200)
    expect(
      await refusal('user accept --token-stdin --password-stdin', { stdin: `${link}\n${password}\n` }),
    ).to.deep.equal([...[6, 'invitation.used']])
  })

  it('somebody is mailed an invitation, accepts by plain HTTP, and signs in', async () => {
    const { invitation, mailed: queued } = await done(
      'user invite acme Ravi@acme.test --role user --as owner@acme.test',
    )
    expect([invitation.email, queued]).to.deep.equal(['ravi@acme.test', true])
    expect(await refusal('user invite acme ravi@ACME.test --role user')).to.deep.equal([
      6,
      'invitation.pending',
    ])
    const old = await mailed('ravi@acme.test', 'invitations')
    await done('user invitations resend acme ravi@acme.test')
    const link = await mailed('ravi@acme.test', 'invitations')
    const { ravi: password } = passwords
    const form = { name: 'Ravi', password, password_again: password }
    expect(await acceptByHttp(old, form), 'the link before the last one').to.equal(410)
    expect(await acceptByHttp(link, form)).to.equal(200)
    expect(await acceptByHttp(link, form), 'a second time').to.equal(410)
    const { user, tenant } = await done('auth login ravi@acme.test --password-stdin', { stdin: password })
    expect([user.email, tenant.subdomain]).to.deep.equal(['ravi@acme.test', 'acme'])
    await done('mail send')
    const subjects = (await smtp.parsed()).filter((mail) => mail.to?.[0]?.address === 'ravi@acme.test')
    expect(subjects, 'two invitations and a welcome').to.have.length(3)
  })

  it('who forgot the password asks the API for a link, and every session of before ends', async () => {
    const { refresh_token: old } = (await login('owner@acme.test', passwords.owner)).body.data as Record<
      string,
      string
    >
    const asked = await call('/api/v1/auth/forgot-password', { body: { email: 'Owner@acme.test' } })
    const nobody = await call('/api/v1/auth/forgot-password', { body: { email: 'nobody@acme.test' } })
    expect(asked).to.deep.equal(nobody)
    expect(asked.status).to.equal(202)
    await until(async () => (await place.query(`select 1 from public.mails where kind = 'reset'`)).length > 0)
    const link = await mailed('owner@acme.test', 'reset')
    const password = 'another password of the owner'
    secrets.push(password, old ?? '')
    expect(await acceptByHttp(link, { password, password_again: password })).to.equal(200)
    expect(await acceptByHttp(link, { password, password_again: password }), 'a second time').to.equal(410)
    expect((await login('owner@acme.test', passwords.owner)).status).to.equal(401)
    expect((await login('owner@acme.test', password)).status).to.equal(200)
    expect(told(await call('/api/v1/auth/refresh', { body: { refresh_token: old } }))).to.deep.equal([
      ...[401, 'token.session_ended'],
    ])
  })

  it('somebody else accepts in a browser, in Hindi, and signs in', async function () {
    const program = browserPath()
    if (program === null) return this.skip()
    await done('user invite acme asha@acme.test --role user --language hi')
    const link = await mailed('asha@acme.test', 'invitations')
    const browser = await startBrowser(program)
    try {
      const page = await browser.newPage()
      await page.setJavaScriptEnabled(false)
      await page.goto(link)
      expect(page.url()).to.equal(`${publicUrl}/invitations`)
      await page.type('#name', 'आशा')
      await page.type('#password', passwords.asha)
      await page.type('#password_again', passwords.asha)
      await Promise.all([page.waitForNavigation(), page.click('button')])
      expect(await page.$('form')).to.equal(null)
    } finally {
      await browser.close()
    }
    const { body } = await login('asha@acme.test', passwords.asha)
    expect(body.data?.user).to.include({ email: 'asha@acme.test', full_name: 'आशा' })
    expect((await done('user show asha@acme.test')).user).to.deep.include({ status: 'active' })
  })

  it('a site lets them in once; disabled they are out everywhere; enabled they are back, with nothing of before', async () => {
    const { token: key } = await done(`sso-site add acme --site ${site}`)
    const [token, first] = await letIn('ravi@acme.test', key)
    expect(first.body.data?.session).to.deep.include({ role: 'user', redirect: '/app' })
    expect(told(await call('/sso/redeem', { body: { token }, bearer: key }))).to.deep.equal([
      410,
      'sso.token_used',
    ])

    const { access_token: access, refresh_token: refresh } = (await login('ravi@acme.test', passwords.ravi))
      .body.data as Record<string, string>
    secrets.push(access ?? '', refresh ?? '', key)
    expect((await call('/api/v1/auth/me', { bearer: access ?? '' })).status).to.equal(200)
    const issue = `sso-token issue --tenant acme --user ravi@acme.test --site ${site} --redirect /app --reason story`
    const { token: waiting } = await done(issue)
    secrets.push(waiting)

    const { sessions_ended } = await done('user disable ravi@acme.test --yes --as owner@acme.test')
    expect(sessions_ended).to.be.at.least(2)
    const closed = async (): Promise<Record<string, unknown[]>> => ({
      refresh: told(await call('/api/v1/auth/refresh', { body: { refresh_token: refresh } })),
      access: told(await call('/api/v1/auth/me', { bearer: access ?? '' })),
      verify: await refusal('token verify --token-stdin', { stdin: access ?? '' }),
      redeem: told(await call('/sso/redeem', { body: { token: waiting }, bearer: key })),
    })
    expect({
      ...(await closed()),
      login: told(await login('ravi@acme.test', passwords.ravi)),
      command: await refusal('auth login ravi@acme.test --password-stdin', { stdin: passwords.ravi }),
      issue: await refusal(issue),
    }).to.deep.equal({
      refresh: [403, 'user.disabled'],
      access: [401, 'token.session_ended'],
      verify: [4, 'token.session_ended'],
      redeem: [410, 'sso.token_revoked'],
      login: [403, 'user.disabled'],
      command: [4, 'user.disabled'],
      issue: [6, 'user.not_active'],
    })

    expect((await done('user disable ravi@acme.test --yes')).changed).to.equal(false)
    expect((await done('user enable ravi@acme.test')).changed).to.equal(true)
    expect((await login('ravi@acme.test', passwords.ravi)).status).to.equal(200)
    expect(await closed()).to.deep.equal({
      refresh: [401, 'token.session_ended'],
      access: [401, 'token.session_ended'],
      verify: [4, 'token.session_ended'],
      redeem: [410, 'sso.token_revoked'],
    })
    expect((await letIn('ravi@acme.test', key))[1].status).to.equal(200)
  })

  it('nothing secret was logged or printed with a refusal', () => {
    const text = listener.printed() + printed.join('')
    expect(secrets.length).to.be.greaterThan(10)
    for (const secret of secrets) expect(text.includes(secret), secret).to.equal(false)
  })
})

/** What goes on after an answer is waited for, a few seconds at most. */
async function until(there: () => Promise<boolean>): Promise<void> {
  for (let n = 0; n < 200 && !(await there()); n++) await sleep(50)
}

async function freePort(): Promise<number> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as net.AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
