/** `mail` as cron and people run it: killed in the middle, twice at once, without a server; exit codes and envelopes. */
import { expect } from 'chai'
import { enqueueMail } from '../../src/operations/mail.js'
import { mailSample } from '../support/mail.js'
import { Place, times } from '../support/place.js'
import { openThrowAway } from '../support/server.js'
import { TestSmtp } from '../support/smtp.js'
import type { OpenedContext } from '../../src/context.js'
import type { Ran, RunOptions } from '../support/cli.js'

describe('mail, by the built program', () => {
  const place = new Place()
  let ctx: OpenedContext
  let smtp: TestSmtp

  before(async () => {
    ctx = await openThrowAway(place.home)
    smtp = await TestSmtp.start()
  })
  after(async () => {
    await ctx.close()
    await smtp.stop()
    await place.remove()
  })
  beforeEach(async () => {
    await place.query('delete from public.mails')
    smtp.received.length = 0
    smtp.rules = {}
  })

  async function queue(...addresses: string[]): Promise<string[]> {
    const ids: string[] = []
    for (const to of addresses)
      ids.push(
        await enqueueMail(ctx.db, {
          ...{ tenantId: null, kind: 'reminder', dedupeKey: `reminder:${to}`, to, language: 'en' },
          data: mailSample('reminder'),
        }),
      )
    return ids
  }

  function mail(words: string[], env: Record<string, string> = {}, options: RunOptions = {}): Promise<Ran> {
    return place.run(['mail', ...words, '--json'], {
      ...options,
      env: { SMTP_URL: smtp.url(), ERPMAX_MAIL_FROM: 'Acme <billing@acme.test>', ...env },
    })
  }

  async function statuses(): Promise<string[]> {
    const rows = await place.query<{ status: string }>('select status from public.mails order by to_address')
    return rows.map(({ status }) => status)
  }

  for (const [failpoint, arrived, left] of [
    ['mail.claimed', 0, 'queued'],
    ['mail.before_handover', 0, 'queued'],
    ['mail.handed_over', 0, 'unknown'],
    ['mail.answered', 1, 'unknown'],
    ['mail.settled', 1, 'sent'],
  ] as const) {
    it(`killed at ${failpoint}: what has not been handed over goes out by the next run, the rest never by itself`, async () => {
      const [id = ''] = await queue('a@x.test')
      const killed = await mail(['send'], { ERPMAX_FAILPOINT: `${failpoint}:kill` })
      expect(killed.signal).to.equal('SIGKILL')
      expect(smtp.received).to.have.length(arrived)
      const next = await mail(['send'])
      expect(next.code, next.stdout).to.equal(left === 'unknown' ? 3 : 0)
      expect(await statuses()).to.deep.equal([left === 'queued' ? 'sent' : left])
      expect(smtp.received).to.have.length(left === 'queued' ? 1 : arrived)
      if (left !== 'unknown') return
      const listed = await mail(['list', '--status', 'unknown'])
      expect(listed.json?.data.items.map((one: { id: string }) => one.id)).to.deep.equal([id])
      const refused = await mail(['retry', id])
      expect([refused.code, refused.json?.error?.code]).to.deep.equal([6, 'mail.outcome_unknown'])
      expect((await mail(['retry', id, '--unknown'])).code).to.equal(0)
      expect((await mail(['send'])).json?.data.sent).to.equal(1)
      expect(smtp.received).to.have.length(arrived + 1)
      const messages = await smtp.parsed()
      expect(new Set(messages.map(({ messageId }) => messageId)).size).to.equal(1)
    })
  }

  it('killed while it sends many: each arrives at most once, and all once the unknown are told', async () => {
    const addresses = Array.from({ length: 30 }, (_, n) => `u${String(n).padStart(2, '0')}@x.test`)
    for (let round = 0; round < times(2, 20); round++) {
      await place.query('delete from public.mails')
      smtp.received.length = 0
      await queue(...addresses)
      const killAt = 3 + ((round * 7) % 25)
      await mail(
        ['send'],
        {},
        {
          onStart(child) {
            const watch = setInterval(() => {
              if (smtp.received.length < killAt && child.exitCode === null) return
              clearInterval(watch)
              child.kill('SIGKILL')
            }, 2)
          },
        },
      )
      const next = await mail(['send'])
      expect(next.code, next.stdout).to.be.oneOf([0, 3])
      const unknown = (await statuses()).filter((status) => status === 'unknown').length
      expect((await statuses()).filter((status) => status === 'sent').length + unknown).to.equal(30)
      expect(new Set(smtp.recipients).size).to.equal(smtp.recipients.length)
      expect(smtp.recipients.length).to.be.at.least(30 - unknown)
    }
  })

  it('several processes at once: each mail once', async () => {
    const addresses = Array.from(
      { length: times(24, 200) },
      (_, n) => `u${String(n).padStart(3, '0')}@x.test`,
    )
    await queue(...addresses)
    const runs = await Promise.all(Array.from({ length: times(3, 12) }, () => mail(['send'])))
    expect(runs.map(({ code }) => code)).to.deep.equal(runs.map(() => 0))
    expect(runs.reduce((sum, { json }) => sum + Number(json?.data.sent), 0)).to.equal(addresses.length)
    expect(smtp.recipients).to.deep.equal(addresses)
  })

  it('interrupted it ends what it has in hand and starts nothing more', async () => {
    await queue('a@x.test', 'b@x.test')
    const ran = await mail(['send', '--connections', '1'], { ERPMAX_FAILPOINT: 'mail.claimed:interrupt' })
    expect(ran.code, ran.stdout).to.equal(130)
    expect(ran.json?.error?.details).to.include({ sent: 1, kept: 1 })
    expect(await statuses()).to.have.members(['sent', 'queued'])
  })

  it('exit codes: 0 all, 3 some, 9 none because of the server; without one kept, with a warning', async () => {
    await queue('a@x.test', 'no@x.test')
    smtp.rules = { rcpt: (to) => (to.startsWith('no') ? 550 : 'accept') }
    const unset = await mail(['send'], { SMTP_URL: '' })
    expect(unset.code).to.equal(0)
    expect(unset.json?.data).to.include({ configured: false, kept: 2, sent: 0 })
    expect(unset.json?.warnings?.map(({ code }) => code)).to.deep.equal(['mail.not_configured'])
    const down = await mail(['send'], { SMTP_URL: 'smtp://me:geheim-geheim@127.0.0.1:1' })
    expect([down.code, down.json?.error?.code]).to.deep.equal([9, 'mail.connection'])
    expect(down.json?.error?.details).to.include({ kept: 2 })
    expect(down.stdout + down.stderr).not.to.include('geheim')
    const some = await mail(['send'])
    expect(some.code).to.equal(3)
    expect(some.json?.data).to.include({ sent: 1, failed: 1 })
    expect(some.json?.data.problems[0]).to.include({ to: 'no@x.test', code: 'mail.recipient_refused' })
    expect((await mail(['send'])).code).to.equal(0)
    const audited = await place.query<{ outcome: string; error_code: string | null }>(
      `select outcome, error_code from public.audit_log where action = 'mail.send' order by at desc limit 2`,
    )
    expect(audited).to.deep.equal([
      { outcome: 'failed', error_code: 'mail.partial' },
      { outcome: 'failed', error_code: 'mail.connection' },
    ])
  })

  it('lists in pages and by filter, shows by the beginning of an id, hides the password in the settings', async () => {
    const ids = await queue('a@x.test', 'b@x.test', 'c@x.test')
    const page = await mail(['list', '--limit', '2', '--kind', 'reminder'])
    expect(page.json?.data.items.map((one: { to: string }) => one.to)).to.deep.equal(['c@x.test', 'b@x.test'])
    const rest = await mail(['list', '--limit', '2', '--cursor', String(page.json?.data.next_cursor)])
    expect(rest.json?.data.items.map((one: { to: string }) => one.to)).to.deep.equal(['a@x.test'])
    expect(rest.json?.data.next_cursor).to.equal(null)
    expect((await mail(['list', '--tenant', 'nobody'])).json?.data.items).to.deep.equal([])
    const shown = await mail(['show', ids[0]?.slice(0, 8) ?? ''])
    expect(shown.json?.data.mail).to.include({ id: ids[0], kind: 'reminder', status: 'queued' })
    expect(shown.json?.data.mail.headers).to.include({ from: 'Acme <billing@acme.test>', to: 'a@x.test' })
    expect((await mail(['show', 'ffffffff'])).code).to.equal(5)
    expect((await mail(['retry'])).code).to.equal(2)
    const config = await place.run(['config', 'show', '--json'], {
      env: { SMTP_URL: 'smtp://me:geheim-geheim@mx.test' },
    })
    expect(config.stdout).to.include('smtp://me:[redacted]@mx.test').and.not.include('geheim')
  })

  it('mail test: taken, refused, out of reach, not configured, no URL', async () => {
    const ok = await mail(['test', 'me@x.test'])
    expect(ok.code, ok.stdout).to.equal(0)
    expect(ok.json?.data.mail).to.include({ to: 'me@x.test', from: 'billing@acme.test', encrypted: false })
    smtp.rules = { rcpt: () => 550 }
    for (const [env, code, error] of [
      [{}, 6, 'mail.recipient_refused'],
      [{ SMTP_URL: 'smtp://127.0.0.1:1' }, 9, 'mail.connection'],
      [{ SMTP_URL: '' }, 6, 'mail.not_configured'],
      [{ SMTP_URL: 'mx.test' }, 2, 'config.invalid'],
      [{ ERPMAX_MAIL_FROM: 'nobody' }, 2, 'config.invalid'],
    ] as const) {
      const ran = await mail(['test', 'me@x.test'], env)
      expect([ran.code, ran.json?.error?.code]).to.deep.equal([code, error])
    }
  })
})
