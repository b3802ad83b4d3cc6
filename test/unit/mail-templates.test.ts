/** The words of every mail in every language: golden files, escaping, and failure where a value is missing. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ErpmaxError } from '../../src/kernel/errors.js'
import { mailLanguage, type MailLanguage } from '../../src/operations/mail.js'
import { mailTemplates, renderMail, type RenderedMail } from '../../src/operations/mail/render.js'
import { mailKinds, mailSample } from '../support/mail.js'

const languages = ['en', 'hi', 'uk'] as const satisfies MailLanguage[]
const sender = { name: 'Erpmax Cloud', contact: 'billing@erpmax.example' }

function render(
  kind: string,
  language: MailLanguage,
  changes: Record<string, unknown> = {},
  secrets: Record<string, string> | null = null,
): Promise<RenderedMail> {
  return renderMail({ kind, language, data: { ...mailSample(kind), ...changes }, secrets }, sender)
}

/** What a page says: its links by their targets, its text without the tags. */
function wordsOf(html: string): string {
  return html
    .replace(/<a href="(https?:[^"]*)"[^>]*>([^<]*)<\/a>/g, '$2 $1')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => entities[name] ?? '')
}
const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' }

/** Letters and figures alone: what stands in columns here stands behind a colon there. */
function bare(text: string): string {
  return text.replace(/^--$/gm, '').replace(/[\s:]+/g, '')
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'nothing was thrown',
    (error: unknown) => (error instanceof ErpmaxError ? error.code : String(error)),
  )
}

describe('mail templates', () => {
  it('there are those of the billing, in three languages', () => {
    expect(mailKinds).to.include.members([
      ...['invoice', 'credit_note', 'receipt', 'reminder', 'past_due', 'suspended', 'archived'],
      ...['trial_ending', 'renewal', 'test'],
    ])
    const missing = mailKinds.flatMap((kind) =>
      languages.flatMap((language) =>
        ['subject', 'txt', 'html']
          .map((form) => path.join(mailTemplates, kind, `${language}.${form}.liquid`))
          .filter((file) => !existsSync(file)),
      ),
    )
    expect(missing).to.deep.equal([])
  })

  for (const kind of mailKinds) {
    describe(kind, () => {
      it('is the golden file (UPDATE_GOLDEN=1 writes it)', async () => {
        const rendered = await Promise.all(languages.map((language) => render(kind, language)))
        const told = rendered
          .map(({ subject, text }, index) => `=== ${languages[index]}\nSubject: ${subject}\n\n${text}`)
          .join('\n')
        const file = path.join(mailTemplates, kind, 'golden.txt')
        if (process.env.UPDATE_GOLDEN) writeFileSync(file, told)
        expect(told).to.equal(readFileSync(file, 'utf8'))
      })

      for (const language of languages) {
        it(`says the same in HTML and in text (${language})`, async () => {
          const { subject, text, html } = await render(kind, language)
          expect(subject).to.match(/^\S.*\S$/)
          expect(bare(wordsOf(html))).to.include(bare(text))
          expect(html).to.include(`<html lang="${language}">`)
          expect(html).not.to.match(/<script|<link|<img|src=|@import/i)
          expect(text + html).not.to.match(/undefined|\[object|NaN|\{\{|\{%/)
        })

        it(`fails where a value is missing (${language})`, async () => {
          for (const key of Object.keys(mailSample(kind)))
            expect(await codeOf(render(kind, language, { [key]: undefined })), key).to.equal(
              'mail.template_failed',
            )
        })
      }

      it('works without what may be null', async () => {
        const optional = ['pay_url', 'due_date', 'reason', 'credit', 'suspends_on', 'archives_on']
        const sample = mailSample(kind)
        const nulls = Object.fromEntries(optional.filter((key) => key in sample).map((key) => [key, null]))
        for (const language of languages) {
          const { text, html } = await render(kind, language, nulls)
          expect(bare(wordsOf(html))).to.include(bare(text))
          expect(text).not.to.match(/\n\n\n/)
        }
      })
    })
  }

  it('writes money and days as the language does', async () => {
    const money = { amount_minor: 123456789, currency: 'INR' }
    const changes = { due: money, total: money, issue_date: '2026-04-01', due_date: '2026-05-31' }
    const texts = await Promise.all(
      languages.map(async (one) => (await render('invoice', one, changes)).text),
    )
    expect(texts[0]).to.include('₹12,34,567.89').and.include('1 April 2026').and.include('31 May 2026')
    expect(texts[1]).to.include('₹12,34,567.89').and.include('1 अप्रैल 2026').and.include('31 मई 2026')
    expect(texts[2]).to.include('12\u00a034\u00a0567,89\u00a0₹').and.include('31 травня 2026')
    const yen = {
      due: { amount_minor: 5000, currency: 'JPY' },
      total: { amount_minor: 1234567, currency: 'KWD' },
    }
    const { text } = await render('invoice', 'en', yen)
    expect(text).to.include('¥5,000').and.include('KWD\u00a01,234.567')
  })

  it('takes the other branch where it is due today, paid by credit, or billed by the year', async () => {
    for (const language of languages) {
      const late = await render('reminder', language)
      const today = await render('reminder', language, { days_overdue: 0 })
      expect(today.subject).not.to.equal(late.subject)
      const paid = await render('invoice', language, { due: { amount_minor: 0, currency: 'INR' } })
      expect(paid.text).not.to.include('https://')
      const yearly = await render('trial_ending', language, { cycle: 'annual' })
      expect(yearly.text).not.to.equal((await render('trial_ending', language)).text)
      const credit = { amount_minor: 4200, currency: 'INR' }
      expect((await render('receipt', language, { credit })).text).to.include('42')
    }
  })

  it('a hostile name is text: no tag, no line of its own, no other direction', async () => {
    const company = `<script>alert(1)</script>"'>&\r\nBcc: evil@x.test\r\n\r\nPay here\u2028{{ 7 | times: 6 }}\u202etxt`
    for (const kind of mailKinds.filter((one) => 'company' in mailSample(one))) {
      for (const language of languages) {
        const { subject, text, html } = await render(kind, language, {
          company,
          number: company,
          tier: company,
        })
        expect(html).not.to.include('<script>').and.not.to.include(`"'>`)
        expect(html).to.include('&lt;script&gt;')
        expect(subject + text + html).not.to.match(/[\r\u2028\u202e]/)
        expect(text).not.to.match(/^(Bcc|Pay here)/m)
        expect(subject).not.to.include('\n')
        expect(text).to.include('{{ 7 | times: 6 }}')
      }
    }
  })

  it('a link that is none is refused', async () => {
    for (const pay_url of ['javascript:alert(1)', 'data:text/html,x', 'not a link'])
      expect(await codeOf(render('invoice', 'en', { pay_url })), pay_url).to.equal('mail.template_failed')
    const { html } = await render('invoice', 'en', { pay_url: 'https://x.test/pay/a"onclick="b' })
    expect(html).to.include('href="https://x.test/pay/a%22onclick=%22b"')
  })

  it('an unknown kind says so', async () => {
    const mail = { kind: 'nonsense', language: 'en' as const, data: {}, secrets: null }
    expect(await codeOf(renderMail(mail, sender))).to.equal('mail.template_failed')
  })

  it('what there are no words for is written in English', () => {
    expect(['uk-UA', 'hi', 'HI-in', 'en-GB', 'de', ''].map(mailLanguage)).to.deep.equal([
      ...['uk', 'hi', 'hi', 'en', 'en', 'en'],
    ])
  })
})
