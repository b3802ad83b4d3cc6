/** What a person reads after `mail send`, `list`, `show`, `retry` and `test`. */
import { cutText, formatFacts, formatTime } from './format.js'
import { paintJobState, paintState } from './states.js'
import { formatTable } from './table.js'
import type { RetriedMails } from '../operations/mail/retry.js'
import type { MailList, MailListItem, ShownMail } from '../views/mails.js'
import type { MailProblem, SentMails } from '../workflows/mail-run.js'
import type { TestedMail } from '../workflows/test-mail.js'
import type { Terminal } from './terminal.js'

/** Below this width an id is shown by its first characters; `mail show` takes those too. */
const roomForIds = 140

export function formatSentMails(result: SentMails, { width, out }: Terminal): string {
  const { configured, sent, deferred, failed, unknown, kept, problems } = result
  if (!configured) return kept === 0 ? 'No mail waits.' : `${mails(kept)} kept.`
  if (sent + deferred + failed + unknown + kept === 0) return 'No mail waits.'
  const counts = [
    `${mails(sent)} sent`,
    ...(deferred > 0 ? [`${deferred} to be tried again`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(unknown > 0 ? [`${unknown} may have arrived: erpmax mail list --status unknown`] : []),
    ...(kept > 0 ? [`${kept} left for the next run`] : []),
  ].join(', ')
  if (problems.length === 0) return `${counts}.`
  const table = formatTable<MailProblem>(
    problems,
    [
      { title: 'Id', value: ({ id }) => id.slice(0, 8) },
      { title: 'Kind', value: ({ kind }) => kind },
      { title: 'To', value: ({ to }) => to, flexible: true },
      { title: 'Status', value: ({ status }) => paintState(status, out) },
      { title: 'Why', value: ({ message }) => message, flexible: true },
    ],
    width,
    out.bold,
  )
  return `${table}\n\n${counts}.`
}

function mails(count: number): string {
  return count === 1 ? '1 mail' : `${count} mails`
}

export function formatMails({ items }: MailList, filtered: boolean, { width, out }: Terminal): string {
  if (items.length === 0) return filtered ? 'No mail matches.' : 'There is no mail yet.'
  return formatTable<MailListItem>(
    items,
    [
      { title: 'Id', value: ({ id }) => (width < roomForIds ? id.slice(0, 8) : id) },
      { title: 'Created', value: (mail) => formatTime(mail.created_at) },
      { title: 'Kind', value: ({ kind }) => kind },
      ...(items.some(({ tenant }) => tenant)
        ? [{ title: 'Tenant', value: (mail: MailListItem) => mail.tenant, flexible: true }]
        : []),
      { title: 'To', value: ({ to }) => to, flexible: true },
      { title: 'Status', value: (mail) => paintJobState(mail, out) },
      ...(items.some(({ error_code }) => error_code)
        ? [
            {
              title: 'Error',
              value: (mail: MailListItem) => mail.error_code?.replace(/^mail\./, '') ?? null,
              flexible: true,
            },
          ]
        : []),
    ],
    width,
    out.bold,
  )
}

export function formatMail({ mail }: { mail: ShownMail }, { width, out }: Terminal): string {
  const { headers, error } = mail
  const facts = formatFacts(
    [
      ['Id', mail.id],
      ['Tenant', mail.tenant],
      ['Status', paintJobState(mail, out)],
      ['Created', formatTime(mail.created_at)],
      ['Attempts', mail.attempts],
      ['Next attempt', mail.next_attempt_at && formatTime(mail.next_attempt_at)],
      ['Sent', mail.sent_at && formatTime(mail.sent_at)],
      ['Error', error && `${error.code}: ${error.message}`],
      ['Server said', mail.response === error?.message ? null : mail.response],
      ['Next', nextStep(mail)],
    ],
    width,
  )
  const head = formatFacts(
    [
      ['From', headers.from],
      ['Reply-To', headers.reply_to],
      ['To', headers.to],
      ['Subject', headers.subject],
      ['Message-ID', headers.message_id],
      ...mail.attachments.map(({ kind, id }) => ['Attached', `${kind.replace('_', ' ')} ${id}`] as const),
    ],
    width,
  )
  const body = mail.text ?? out.red(mail.template_error ?? '')
  return [`${out.bold(mail.kind)} in ${mail.language}`, facts, head, body.trimEnd()].join('\n\n')
}

function nextStep({ id, status, stalled }: ShownMail): string | null {
  if (stalled) return 'erpmax mail send'
  if (status === 'failed') return `erpmax mail retry ${id}`
  if (status === 'unknown') return `erpmax mail retry ${id} --unknown, unless it has arrived`
  return null
}

export function formatRetried({ retried }: RetriedMails): string {
  if (retried === 0) return 'There is none to try again.'
  return `${mails(retried)} back in the queue: erpmax mail send`
}

export function formatTestedMail({ mail }: { mail: TestedMail }, { width }: Terminal): string {
  const security = [
    mail.encrypted ? 'encrypted' : 'not encrypted',
    mail.authenticated ? 'logged in' : 'without a login',
  ]
  return `${mail.server} took the message.\n\n${formatFacts(
    [
      ['From', mail.from],
      ['To', mail.to],
      ['Connection', security.join(', ')],
      ['Server said', cutText(mail.response, 200, '...')],
      ['Message-ID', mail.message_id],
    ],
    width,
  )}`
}
