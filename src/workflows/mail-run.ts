/** What one run of `mail send` counts, and what its senders share. */
import type { ErpmaxError } from '../kernel/errors.js'
import type { StepProgress } from '../kernel/workflow.js'
import type { ClaimedMail, SettledMail } from '../operations/mail/queue.js'

/** A mail that did not go out as it should. */
export interface MailProblem {
  id: string
  kind: string
  to: string
  status: 'queued' | 'failed' | 'unknown'
  code: string
  message: string
  next_attempt_at: string | null
}

export interface SentMails {
  /** False without `SMTP_URL`: everything is kept. */
  configured: boolean
  server: string | null
  sent: number
  /** Back in the queue for another attempt. */
  deferred: number
  failed: number
  /** Whether they arrived nobody knows, those of senders that had died among them. */
  unknown: number
  /** Due and not taken up. */
  kept: number
  problems: MailProblem[]
}

const problemsShown = 100

/** What the senders of one run share. */
export class MailRun {
  readonly tally = { sent: 0, deferred: 0, failed: 0, unknown: 0 }
  readonly problems: MailProblem[] = []
  /** Why nothing more can be sent at all. */
  barrier: ErpmaxError | null = null
  readonly total: number
  #left: number
  #done = 0

  constructor(due: number, limit: number | null) {
    this.total = Math.min(due, limit ?? due)
    this.#left = limit ?? Infinity
  }

  /** Whether one more may be claimed. */
  take(): boolean {
    if (this.#left <= 0) return false
    this.#left -= 1
    return true
  }

  /** One that was taken and not tried. */
  giveBack(): void {
    this.#left += 1
  }

  count(mail: ClaimedMail, settled: SettledMail): StepProgress {
    const { status, problem, nextAttemptAt } = settled
    this.tally[status === 'queued' ? 'deferred' : status] += 1
    const { id, kind, to_address: to } = mail
    if (status !== 'sent' && problem && this.problems.length < problemsShown) {
      const { code, message } = problem
      this.problems.push({ id, kind, to, status, code, message, next_attempt_at: nextAttemptAt })
    }
    this.#done += 1
    const total = Math.max(this.total, this.#done)
    return {
      ...{ group: 'mails', item: `${kind} to ${to}: ${status}` },
      ...{ done: this.#done, total, groupDone: this.#done, groupTotal: total },
    }
  }

  result(server: string | null): SentMails {
    return { configured: server !== null, server, ...this.tally, kept: 0, problems: this.problems }
  }
}
