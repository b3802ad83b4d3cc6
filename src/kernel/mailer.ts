/** A mail server as those who send mail see it: sessions in which one message after another is given to it. */

export interface MailAddress {
  name: string
  address: string
}

export interface MailFile {
  name: string
  mediaType: string
  content: Uint8Array
}

export interface MailMessage {
  from: MailAddress
  replyTo: MailAddress | null
  /** One address. */
  to: string
  subject: string
  text: string
  html: string
  /** With its angle brackets. */
  messageId: string
  date: Date
  files: readonly MailFile[]
}

/** What the server made of a message. */
export type Delivery =
  | { outcome: 'accepted'; response: string }
  | ({
      /**
       * `deferred`: certainly not taken, and worth another try. `refused`: certainly not taken, for good.
       * `unknown`: all of it was given to the server, whose answer did not come.
       */
      outcome: 'deferred' | 'refused' | 'unknown'
    } & DeliveryProblem)
  /** The server takes nothing from this sender: no fault of the message. */
  | ({ outcome: 'barred' } & DeliveryProblem)

export interface DeliveryProblem {
  code: string
  message: string
  /** The server's own words, where it said something. */
  response: string | null
}

export interface MailSession {
  /** False once it is worn out or cut: another message wants another session. */
  readonly usable: boolean
  readonly encrypted: boolean
  readonly authenticated: boolean
  /**
   * @param beforeHandover awaited when the server is ready for the message and has none of it yet; where it throws
   * the server gets nothing and the error comes back
   */
  send(message: MailMessage, beforeHandover: () => Promise<void>): Promise<Delivery>
  close(): void
}

export interface Mailer {
  /** `smtp.example.com:587`, without the user. */
  readonly server: string
  /** The user's name, where it is an address. */
  readonly userAddress: string | null
  /**
   * Connects, goes over to TLS where it is to be had, and logs in.
   * @throws dependency `mail.dns`, `mail.connection`, `mail.tls`, `mail.auth`, `mail.protocol`
   */
  open(): Promise<MailSession>
}
