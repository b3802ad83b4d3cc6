/** The queue and a real SMTP server: what is sent, what is tried again, what has failed, and never twice. */
import { expect } from 'chai'
import { execute, rows, sql } from '../../src/database/sql.js'
import { transaction } from '../../src/database/transaction.js'
import { ErpmaxError } from '../../src/kernel/errors.js'
import { drain } from '../../src/kernel/workflow.js'
import { enqueueMail } from '../../src/operations/mail.js'
import { claimMail, doubtQueuedMails, takeBackAbandoned } from '../../src/operations/mail/queue.js'
import { retryMails } from '../../src/operations/mail/retry.js'
import { listMails, showMail } from '../../src/views/mails.js'
import { sendMails, type SendOptions } from '../../src/workflows/send-mails.js'
import { testMail } from '../../src/workflows/test-mail.js'
import { bringForward, clearMails, mailSample, mailStates, queue, sendingTo } from '../support/mail.js'
import { sharedContext } from '../support/server.js'
import { TestSmtp, type SmtpRules } from '../support/smtp.js'
import { reservedTenant } from '../support/tenants.js'
import type { OpenedContext } from '../../src/context.js'
import type { Holder } from '../../src/kernel/context.js'
import type { SentMails } from '../../src/workflows/mail-run.js'
import type { SMTPServerOptions } from 'smtp-server'

let ctx: OpenedContext
let smtp: TestSmtp | undefined

/** The test's server; the one before is stopped. */
async function server(rules: SmtpRules = {}, options: SMTPServerOptions = {}): Promise<TestSmtp> {
  await smtp?.stop()
  smtp = await TestSmtp.start(rules, options)
  return smtp
}

function send(url: string | null, options: Partial<SendOptions> = {}): Promise<SentMails> {
  return drain(sendMails(sendingTo(ctx, url), { limit: null, connections: 2, ...options }))
}

async function errorOf(work: Promise<unknown>): Promise<ErpmaxError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (error instanceof ErpmaxError) return error
  throw error ?? new Error('nothing was thrown')
}

const counts = ({ sent, deferred, failed, unknown, kept }: SentMails): number[] => [
  ...[sent, deferred, failed, unknown, kept],
]

describe('mail', () => {
  before(async () => {
    ctx = await sharedContext()
  })
  beforeEach(() => clearMails(ctx))
  after(async () => {
    await clearMails(ctx)
    await smtp?.stop()
  })

  describe('the queue', () => {
    it('takes a mail once for each key, and none where the transaction fails', async () => {
      const mail = { tenantId: null, kind: 'test', to: 'a@x.test', language: 'en' as const, data: {} }
      const ids = await Promise.all(
        Array.from({ length: 4 }, () => enqueueMail(ctx.db, { ...mail, dedupeKey: 'one' })),
      )
      expect(new Set(ids).size).to.equal(1)
      await transaction(ctx, async (inner) => {
        await enqueueMail(inner.db, { ...mail, dedupeKey: 'two' })
        throw new Error('rolled back')
      }).catch(() => {})
      expect(await mailStates(ctx)).to.have.length(1)
    })

    it('is kept as it is: the address, the key and the Message-ID; no state but a legal one', async () => {
      const id = await queue(ctx, 'a@x.test')
      for (const change of [
        sql`to_address = 'evil@x.test'`,
        sql`message_id = '<other@x.test>'`,
        sql`dedupe_key = 'other'`,
        sql`status = 'sent', sent_at = now()`,
      ]) {
        const refused = await execute(ctx.db, sql`update public.mails set ${change} where id = ${id}`).then(
          () => 'taken',
          (error: { code?: string }) => error.code,
        )
        expect(refused).to.equal('ERX02')
      }
    })

    it('goes with its tenant', async () => {
      const tenant = await reservedTenant(ctx, 'mail-gone')
      await queue(ctx, 'a@x.test', { tenantId: tenant.id })
      await execute(ctx.db, sql`update public.tenants set status = 'failed' where id = ${tenant.id}`)
      await execute(ctx.db, sql`delete from public.tenants where id = ${tenant.id}`)
      expect(await mailStates(ctx)).to.deep.equal([])
    })
  })

  describe('sending', () => {
    it('sends what is due, whole, from the configured sender, and does not send it again', async () => {
      const { url } = { url: (await server()).url() }
      const content = Buffer.from('%PDF-1.7 of the test')
      const documentId = '0f9c5c2e-0000-4000-8000-000000000001'
      await queue(ctx, 'Büro@x.test', {
        ...{ kind: 'invoice', language: 'hi', data: { ...mailSample('invoice'), company: 'ज़ेनिथ «Ä» Ltd' } },
        attachments: [{ documentKind: 'invoice', documentId }],
      })
      const wanted: unknown[] = []
      const result = await send(url, {
        attachmentsFrom: (attachment) => {
          wanted.push(attachment)
          return Promise.resolve({ name: 'बीजक-1.pdf', mediaType: 'application/pdf', content })
        },
      })
      expect(counts(result)).to.deep.equal([1, 0, 0, 0, 0])
      expect(wanted).to.deep.equal([{ documentKind: 'invoice', documentId }])
      const [mail] = (await smtp?.parsed()) ?? []
      expect(mail?.subject).to.include('बीजक ERP/26-27/00041')
      expect(mail?.text).to.include('ज़ेनिथ «Ä» Ltd').and.include('₹1,23,456.00')
      expect(mail?.html).to.include('ज़ेनिथ «Ä» Ltd').and.include('lang="hi"')
      expect(mail?.to?.[0]?.address).to.equal('Büro@x.test')
      expect(mail?.headers.find(({ key }) => key === 'auto-submitted')?.value).to.equal('auto-generated')
      const [attached] = mail?.attachments ?? []
      expect(attached).to.include({ filename: 'बीजक-1.pdf', mimeType: 'application/pdf' })
      expect(Buffer.from(attached?.content as ArrayBuffer).toString()).to.equal(content.toString())
      expect(counts(await send(url))).to.deep.equal([0, 0, 0, 0, 0])
      expect(smtp?.received).to.have.length(1)
      const [{ message_id }] = (await rows<{ message_id: string }>(
        ctx.db,
        sql`select message_id from public.mails`,
      )) as [{ message_id: string }]
      expect(mail?.messageId).to.equal(message_id)
    })

    it('tries again later what the server does not take for now, with longer and longer pauses', async () => {
      let busy = true
      const { port } = await server({ rcpt: () => (busy ? 450 : 'accept') })
      const url = `smtp://127.0.0.1:${port}`
      await queue(ctx, 'a@x.test')
      const waits: number[] = []
      for (let attempt = 1; attempt <= 10; attempt++) {
        const result = await send(url)
        expect(counts(result), `attempt ${attempt}`).to.deep.equal(
          attempt < 10 ? [0, 1, 0, 0, 0] : [0, 0, 1, 0, 0],
        )
        const [state] = await mailStates(ctx)
        expect(state).to.include({ attempts: attempt, code: 'mail.refused_for_now' })
        expect(state?.response).to.include('450')
        if (attempt < 10) waits.push(state?.waits ?? 0)
        expect(counts(await send(url)), 'before its time').to.deep.equal([0, 0, 0, 0, 0])
        await bringForward(ctx)
      }
      expect(waits).to.deep.equal([1, 5, 15, 60, 180, 360, 720, 1440, 1440])
      expect((await mailStates(ctx))[0]?.status).to.equal('failed')
      busy = false
      expect((await retryMails(ctx, 'failed', false)).retried).to.equal(1)
      expect(counts(await send(url))).to.deep.equal([1, 0, 0, 0, 0])
      expect(smtp?.received).to.have.length(1)
    })

    it('gives up at once what the server refuses, and goes on with the others on the same connection', async () => {
      const { port } = await server({ rcpt: (to) => (to.startsWith('no') ? 550 : 'accept') })
      for (const to of ['a@x.test', 'no1@x.test', 'b@x.test', 'no2@x.test', 'c@x.test']) await queue(ctx, to)
      const result = await send(`smtp://127.0.0.1:${port}`, { connections: 1 })
      expect(counts(result)).to.deep.equal([3, 0, 2, 0, 0])
      expect(result.problems.map(({ to, code }) => [to, code])).to.deep.equal([
        ['no1@x.test', 'mail.recipient_refused'],
        ['no2@x.test', 'mail.recipient_refused'],
      ])
      expect(smtp?.recipients).to.deep.equal(['a@x.test', 'b@x.test', 'c@x.test'])
      expect((await mailStates(ctx)).filter(({ status }) => status === 'failed')).to.have.length(2)
    })

    it('a refusal after the message is one too; 421 and 451 are not for good', async () => {
      const fates: Record<string, number> = {
        'a@x.test': 554,
        'b@x.test': 451,
        'c@x.test': 421,
        'd@x.test': 552,
      }
      const { port } = await server({ after: (to) => fates[to] ?? 'accept' })
      for (const to of Object.keys(fates)) await queue(ctx, to)
      await send(`smtp://127.0.0.1:${port}`, { connections: 1 })
      expect((await mailStates(ctx)).map(({ status, code }) => [status, code])).to.deep.equal([
        ['failed', 'mail.refused'],
        ['queued', 'mail.refused_for_now'],
        ['queued', 'mail.refused_for_now'],
        ['failed', 'mail.too_large'],
      ])
    })

    it('a connection lost before the message is tried again; after it, never by itself', async () => {
      const { port } = await server({
        rcpt: (to) => (to === 'before@x.test' ? 'drop' : 'accept'),
        during: (to) => (to === 'during@x.test' ? 'drop' : null),
        after: (to) => (to === 'after@x.test' ? 'drop' : 'accept'),
      })
      const url = `smtp://127.0.0.1:${port}`
      const large = Buffer.alloc(3_000_000, 'x')
      await queue(ctx, 'before@x.test')
      await queue(ctx, 'during@x.test', {
        attachments: [{ documentKind: 'invoice', documentId: 'large' }],
      })
      await queue(ctx, 'after@x.test')
      await queue(ctx, 'whole@x.test')
      const attachmentsFrom = () =>
        Promise.resolve({ name: 'large.bin', mediaType: 'application/octet-stream', content: large })
      expect(counts(await send(url, { connections: 1, attachmentsFrom }))).to.deep.equal([1, 2, 0, 1, 0])
      expect((await mailStates(ctx)).map((one) => [one.to_address, one.status, one.code])).to.deep.equal([
        ['after@x.test', 'unknown', 'mail.outcome_unknown'],
        ['before@x.test', 'queued', 'mail.connection_lost'],
        ['during@x.test', 'queued', 'mail.connection_lost'],
        ['whole@x.test', 'sent', null],
      ])
      await bringForward(ctx)
      if (smtp) smtp.rules = {}
      expect(counts(await send(url, { attachmentsFrom }))).to.deep.equal([2, 0, 0, 0, 0])
      expect(smtp?.recipients).to.deep.equal([
        ...['after@x.test', 'before@x.test', 'during@x.test', 'whole@x.test'],
      ])
    })

    it('an unknown mail goes out again only when told, under the same Message-ID', async () => {
      const { port } = await server({ after: () => 'drop' })
      const url = `smtp://127.0.0.1:${port}`
      const id = await queue(ctx, 'a@x.test')
      await send(url)
      if (smtp) smtp.rules = {}
      expect((await retryMails(ctx, 'failed', false)).retried).to.equal(0)
      const refused = await errorOf(retryMails(ctx, { id: id.slice(0, 8) }, false))
      expect([refused.kind, refused.code]).to.deep.equal(['conflict', 'mail.outcome_unknown'])
      expect(refused.hint).to.equal(`erpmax mail retry ${id} --unknown`)
      expect(counts(await send(url))).to.deep.equal([0, 0, 0, 0, 0])
      expect((await retryMails(ctx, { id }, true)).ids).to.deep.equal([id])
      expect(counts(await send(url))).to.deep.equal([1, 0, 0, 0, 0])
      const ids = ((await smtp?.parsed()) ?? []).map(({ messageId }) => messageId)
      expect(ids).to.have.length(2)
      expect(new Set(ids).size).to.equal(1)
      expect((await errorOf(retryMails(ctx, { id }, true))).code).to.equal('mail.sent')
    })

    it('a server that falls silent is given up: before the message deferred, after it unknown', async () => {
      const { port } = await server({
        rcpt: (to) => (to === 'before@x.test' ? 'silence' : 'accept'),
        after: (to) => (to === 'after@x.test' ? 'silence' : 'accept'),
      })
      for (const to of ['before@x.test', 'after@x.test']) await queue(ctx, to)
      const result = await send(`smtp://127.0.0.1:${port}?socketTimeout=300`)
      expect(counts(result)).to.deep.equal([0, 1, 0, 1, 0])
    })

    it('where the server takes nothing, the mails are kept untouched and the reason is said', async () => {
      const { port } = await server({ user: { name: 'me', password: 'geheim-1' } })
      const dead = await TestSmtp.start()
      await dead.stop()
      await queue(ctx, 'a@x.test')
      await queue(ctx, 'b@x.test')
      for (const [url, code] of [
        [`smtp://me:wrong-geheim@127.0.0.1:${port}`, 'mail.auth'],
        [dead.url(), 'mail.connection'],
        ['smtp://mail.invalid', 'mail.dns'],
        [`smtps://127.0.0.1:${port}`, 'mail.tls'],
        [`smtp://127.0.0.1:${port}?requireTLS=true`, 'mail.tls'],
        // Whoever does not log in may send nothing: 530 to the sender.
        [`smtp://127.0.0.1:${port}`, 'mail.sender_refused'],
      ] as const) {
        const error = await errorOf(send(url))
        expect([error.kind, error.code], url).to.deep.equal(['dependency', code])
        expect(error.message + String(error.hint)).not.to.include('geheim')
        expect(error.details).to.include({ sent: 0, kept: 2 })
        expect((await mailStates(ctx)).map(({ status, attempts }) => [status, attempts])).to.deep.equal([
          ['queued', 0],
          ['queued', 0],
        ])
      }
      expect(counts(await send(`smtp://me:geheim-1@127.0.0.1:${port}`))).to.deep.equal([2, 0, 0, 0, 0])
    })

    it('goes over to TLS where it is offered, and only with a certificate it may trust', async () => {
      const { port } = await server({}, { disabledCommands: ['AUTH'] })
      await queue(ctx, 'a@x.test')
      const refused = await errorOf(send(`smtp://127.0.0.1:${port}`))
      expect(refused.code).to.equal('mail.tls')
      expect(smtp?.received).to.have.length(0)
      const url = `smtp://127.0.0.1:${port}?tls.rejectUnauthorized=false`
      expect(counts(await send(url))).to.deep.equal([1, 0, 0, 0, 0])
      const tested = await testMail(sendingTo(ctx, url), 'b@x.test', 'en')
      expect(tested).to.include({ encrypted: true, authenticated: false, to: 'b@x.test' })
      await server({}, { secure: true, disabledCommands: ['AUTH'] })
      await queue(ctx, 'c@x.test')
      const tls = `smtps://127.0.0.1:${smtp?.port}?tls.rejectUnauthorized=false`
      expect(counts(await send(tls))).to.deep.equal([1, 0, 0, 0, 0])
    })

    it('what cannot be rendered, has no document or no address has failed, and the rest goes out', async () => {
      const { port } = await server()
      await queue(ctx, 'a@x.test', { kind: 'nonsense' })
      await queue(ctx, 'b@x.test', { kind: 'invoice', data: { company: 'Acme' } })
      await queue(ctx, 'c@x.test', {
        attachments: [{ documentKind: 'credit_note', documentId: '0f9c5c2e-0000-4000-8000-000000000002' }],
      })
      for (const to of ['d,e@x.test', 'f@x.test>', '"h@x.test', 'i@x.test']) await queue(ctx, to)
      const result = await send(`smtp://127.0.0.1:${port}`)
      expect(counts(result)).to.deep.equal([1, 0, 6, 0, 0])
      expect((await mailStates(ctx)).map(({ code }) => code).sort()).to.deep.equal([
        ...['mail.address_invalid', 'mail.address_invalid', 'mail.address_invalid'],
        ...['mail.attachment_missing', 'mail.template_failed', 'mail.template_failed', null],
      ])
      expect(smtp?.recipients).to.deep.equal(['i@x.test'])
    })

    it("a tenant's name makes no header of its own", async () => {
      const { port } = await server()
      const number = 'INV-1\r\nBcc: evil@x.test\r\nX-Evil: 1\r\n\r\n<b>body</b>'
      await queue(ctx, 'a@x.test', {
        ...{ kind: 'invoice', data: { ...mailSample('invoice'), number, company: `${number}\r\n.\r\nQUIT` } },
      })
      expect(counts(await send(`smtp://127.0.0.1:${port}`))).to.deep.equal([1, 0, 0, 0, 0])
      const [mail] = (await smtp?.parsed()) ?? []
      const names = (mail?.headers ?? []).map(({ key }) => key).sort()
      expect(names).to.deep.equal([
        ...['auto-submitted', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'subject', 'to'],
      ])
      expect(mail?.subject).to.include('INV-1 Bcc: evil@x.test X-Evil: 1')
      expect(smtp?.recipients).to.deep.equal(['a@x.test'])
    })

    it('stays within its limit, and without a server keeps everything and says so', async () => {
      const { port } = await server()
      for (const to of ['a@x.test', 'b@x.test', 'c@x.test']) await queue(ctx, to)
      const warnings: string[] = []
      const quiet = { ...sendingTo(ctx, null), warn: ({ code }: { code: string }) => warnings.push(code) }
      const kept = await drain(sendMails(quiet, { limit: null, connections: 2 }))
      expect(kept).to.deep.include({ configured: false, server: null, sent: 0, kept: 3 })
      expect(warnings).to.deep.equal(['mail.not_configured'])
      expect(counts(await send(`smtp://127.0.0.1:${port}`, { limit: 2 }))).to.deep.equal([2, 0, 0, 0, 1])
      expect(counts(await send(`smtp://127.0.0.1:${port}`))).to.deep.equal([1, 0, 0, 0, 0])
    })

    it('many senders at once send each mail once', async () => {
      const { port } = await server()
      const addresses = Array.from({ length: 60 }, (_, n) => `u${String(n).padStart(2, '0')}@x.test`)
      for (const to of addresses) await queue(ctx, to)
      const url = `smtp://127.0.0.1:${port}`
      const results = await Promise.all(Array.from({ length: 4 }, () => send(url)))
      expect(results.reduce((sum, { sent }) => sum + sent, 0)).to.equal(60)
      expect((await mailStates(ctx)).filter(({ attempts }) => attempts !== 1)).to.deep.equal([])
      expect(smtp?.recipients).to.deep.equal(addresses)
    })
  })

  describe('a sender that is gone', () => {
    const gone: Holder = { host: 'elsewhere', pid: 1, startedAt: 'x' }

    it('leaves its mail to others when its lease is over: queued before the message, else unknown', async () => {
      for (const to of ['a@x.test', 'b@x.test', 'c@x.test']) await queue(ctx, to)
      const [a, b] = [await claimMail(ctx), await claimMail(ctx), await claimMail(ctx)]
      expect(await takeBackAbandoned(ctx)).to.deep.equal({ queued: 0, unknown: 0 })
      await execute(
        ctx.db,
        sql`update public.mails set holder = ${JSON.stringify(gone)}, lease_until = clock_timestamp() - interval '1 second'
            where id in (${a?.id ?? null}, ${b?.id ?? null})`,
      )
      await execute(
        ctx.db,
        sql`update public.mails set handed_over_at = clock_timestamp() where id = ${b?.id ?? null}`,
      )
      expect(await takeBackAbandoned(ctx)).to.deep.equal({ queued: 1, unknown: 1 })
      const { items } = await listMails(
        ctx,
        { status: ['unknown'], kind: null, tenant: [] },
        { limit: 10, cursor: null },
      )
      expect(items.map(({ id, error_code }) => [id, error_code])).to.deep.equal([
        [b?.id, 'mail.outcome_unknown'],
      ])
    })

    it('that was only slow gives the server nothing any more', async () => {
      const { port } = await server()
      await queue(ctx, 'a@x.test')
      const slow = sendingTo(
        {
          ...ctx,
          failpoint: async (name: string) => {
            if (name !== 'mail.before_handover') return
            await execute(
              ctx.db,
              sql`update public.mails set lease_until = clock_timestamp() - interval '1 second'`,
            )
            expect(await takeBackAbandoned(ctx)).to.deep.equal({ queued: 1, unknown: 0 })
          },
        },
        `smtp://127.0.0.1:${port}`,
      )
      // The mail is back in the queue, so the slow one takes it up again: only once here.
      const result = await drain(sendMails(slow, { limit: 1, connections: 1 }))
      expect(result.sent).to.equal(0)
      expect(smtp?.received).to.have.length(0)
      expect(counts(await send(`smtp://127.0.0.1:${port}`))).to.deep.equal([1, 0, 0, 0, 0])
      expect(smtp?.received).to.have.length(1)
    })

    it('whose answer comes late still settles it', async () => {
      const { port } = await server()
      await queue(ctx, 'a@x.test')
      const late = sendingTo(
        {
          ...ctx,
          failpoint: async (name: string) => {
            if (name !== 'mail.answered') return
            await execute(
              ctx.db,
              sql`update public.mails set lease_until = clock_timestamp() - interval '1 second'`,
            )
            expect(await takeBackAbandoned(ctx)).to.deep.equal({ queued: 0, unknown: 1 })
          },
        },
        `smtp://127.0.0.1:${port}`,
      )
      await drain(sendMails(late, { limit: null, connections: 1 }))
      expect((await mailStates(ctx))[0]).to.include({ status: 'sent', code: null })
    })
  })

  it('what a restored queue holds may have gone: it waits for a person', async () => {
    await queue(ctx, 'a@x.test')
    await queue(ctx, 'b@x.test')
    await claimMail(ctx)
    expect(await doubtQueuedMails(ctx)).to.equal(2)
    const { port } = await server()
    expect(counts(await send(`smtp://127.0.0.1:${port}`))).to.deep.equal([0, 0, 0, 0, 0])
    expect((await retryMails(ctx, 'unknown', true)).retried).to.equal(2)
    expect(counts(await send(`smtp://127.0.0.1:${port}`))).to.deep.equal([2, 0, 0, 0, 0])
  })

  it('secrets are sent and shown to nobody, and are gone afterwards', async () => {
    const { port } = await server()
    const token = 'tok-4f9a-secret'
    const { pay_url: _, ...data } = mailSample('invoice')
    const id = await queue(ctx, 'a@x.test', {
      ...{ kind: 'invoice', data, secrets: { pay_url: `https://x.test/pay/${token}` } },
    })
    const before = await showMail(ctx, id)
    expect(before.text).to.include('[redacted]')
    await send(`smtp://127.0.0.1:${port}`)
    expect((await smtp?.parsed())?.[0]?.text).to.include(`https://x.test/pay/${token}`)
    const after = await showMail(ctx, id.slice(0, 8))
    expect(after).to.include({ status: 'sent', template_error: null })
    expect(JSON.stringify([before, after])).not.to.include(token)
    const kept = await rows(ctx.db, sql`select to_jsonb(m)::text as row from public.mails m`)
    expect(JSON.stringify(kept)).not.to.include(token)
  })

  it('mail test says what is wrong with the recipient and the sender', async () => {
    const { port } = await server({
      mail: (from) => (from.startsWith('stranger') ? 553 : 'accept'),
      rcpt: (to) => (to.startsWith('no') ? 550 : to.startsWith('later') ? 450 : 'accept'),
    })
    const url = `smtp://127.0.0.1:${port}`
    const test = (to: string) => testMail(sendingTo(ctx, url), to, 'uk')
    expect(await test('yes@x.test')).to.include({ server: `127.0.0.1:${port}`, encrypted: false })
    const [mail] = (await smtp?.parsed()) ?? []
    expect(mail?.subject).to.equal('Тестовий лист erpmax')
    for (const [to, kind, code] of [
      ['no@x.test', 'conflict', 'mail.recipient_refused'],
      ['later@x.test', 'dependency', 'mail.refused_for_now'],
      ['two@x.test,three@x.test', 'conflict', 'mail.address_invalid'],
    ] as const) {
      const error = await errorOf(test(to))
      expect([error.kind, error.code]).to.deep.equal([kind, code])
    }
    const strange = {
      ...sendingTo(ctx, url),
      config: {
        ...ctx.config,
        text: (name: Parameters<typeof ctx.config.text>[0]) =>
          name === 'ERPMAX_MAIL_FROM' ? 'Stranger <stranger@x.test>' : ctx.config.text(name),
      },
    }
    expect((await errorOf(testMail(strange, 'yes@x.test', 'en'))).code).to.equal('mail.sender_refused')
    expect((await errorOf(testMail(sendingTo(ctx, null), 'a@x.test', 'en'))).code).to.equal(
      'mail.not_configured',
    )
  })
})
