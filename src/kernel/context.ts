/** What domain functions may ask for: each takes the part it uses, `Pick<Context, 'db' | 'clock'>`. */
import type { Knex } from 'knex'
import type { Config } from './config.js'
import type { Failpoint } from './failpoints.js'
import type { Mailer } from './mailer.js'
import type { PaymentGateway, ProviderName, WebhookReader } from './payment-gateway.js'
import type { Pipeline } from './pipeline.js'

export interface Clock {
  /** The present instant; `ERPMAX_NOW` replaces it outside production. */
  now(): Date
}

export interface Random {
  /** `length` bytes from the system's cryptographic generator. */
  bytes(length: number): Buffer
}

/** Who is doing this, for the audit log. */
export interface Actor {
  operator: string
  osUser: string
  host: string
  ciJob: string | null
}

/** A process that holds a lease. `startedAt` tells two processes with one pid apart. */
export interface Holder {
  host: string
  pid: number
  startedAt: string
}

export interface Processes {
  self: Holder
  /** True only when the holder ran on this machine and is certainly gone. */
  isGone(holder: Holder): boolean
}

export interface Warning {
  code: string
  message: string
}

export interface Context {
  /** The control plane, or the transaction one is in. */
  db: Knex
  clock: Clock
  random: Random
  config: Config
  actor: Actor
  processes: Processes
  /** Aborted by SIGINT or SIGTERM: start nothing new. */
  signal: AbortSignal
  failpoint: Failpoint
  /** The file of the key that signs access tokens, and whether to make it where it is missing. */
  signingKey: { file: string; create: boolean }
  warn(warning: Warning): void
  /** Opens a pipelined connection of its own, for DDL; the caller closes it. */
  openPipeline(): Promise<Pipeline>
  /** The mail server, or null where none is configured. @throws usage `config.invalid` */
  openMailer(): Promise<Mailer | null>
  /** @throws usage `payment.not_configured` where its keys are not set, `config.invalid` */
  openGateway(provider: ProviderName): Promise<PaymentGateway>
  /** What the provider's webhooks are read by; needs no keys. */
  webhookReader(provider: ProviderName): Promise<WebhookReader>
}
