/** What the listener logs, a JSON line each, on stderr: never a header, a body, a secret or a token in a path. */
import { pino, type DestinationStream, type Logger } from 'pino'
import { messageOf } from '../kernel/errors.js'
import { redacted, redactUrls } from '../kernel/secret.js'
import type { Config, SettingName } from '../kernel/config.js'

export type { Logger }

const stderr = 2
/** Bytes that may wait where nobody reads the log; beyond them lines are lost, not memory. */
const mostWaiting = 4 * 1024 * 1024

/** What no line may hold, whoever wrote it; the parts of a comma-separated list too. */
const secretSettings: readonly SettingName[] = [
  ...(['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET', 'RAZORPAY_KEY_SECRET'] as const),
  ...(['RAZORPAY_WEBHOOK_SECRET', 'SMTP_URL', 'DATABASE_URL', 'PGPASSWORD'] as const),
]

const secretFields = [
  'token',
  'secret',
  'password',
  'authorization',
  'cookie',
  'signature',
  'headers',
  'body',
]

export interface OpenLogger {
  logger: Logger
  /** What is left goes out now. */
  flush(): void
}

/** @param stream in place of stderr, for a terminal and for tests */
export function openLogger(config: Pick<Config, 'secret'>, stream?: DestinationStream): OpenLogger {
  const destination = stream ? null : pino.destination({ dest: stderr, sync: false, maxLength: mostWaiting })
  // A reader that has gone away ends the log, not the listener.
  destination?.on('error', () => {})
  const hide = hiding(config)
  const logger = pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      redact: { paths: secretFields, censor: redacted },
      serializers: {
        req: (request: { method?: string; url?: string }) => ({
          method: request.method,
          path: redactPath(request.url ?? ''),
        }),
        res: (reply: { statusCode?: number }) => ({ status: reply.statusCode }),
        err: errorFields,
      },
      hooks: {
        streamWrite: hide,
        // Without a word it says nothing: fastify cannot be kept from telling where it listens.
        logMethod(args, method) {
          if ((args as unknown[])[0] !== '') method.apply(this, args)
        },
      },
    },
    stream ?? destination ?? undefined,
  )
  return {
    logger,
    flush: () => {
      try {
        destination?.flushSync()
      } catch {
        // Nobody reads it.
      }
    },
  }
}

/** Of an error: its class, its code and its message; a driver's own fields hold the values of the statement. */
export function errorFields(error: unknown): Record<string, unknown> {
  const { name, code, stack } = (error ?? {}) as { name?: string; code?: string; stack?: string }
  const at = stack
    ?.split('\n')
    .slice(1, 6)
    .map((line) => line.trim())
  return { name, code, message: redactUrls(messageOf(error)), ...(at ? { at } : {}) }
}

/** The path without its query, and without what may be a token: a long word, or whatever follows the page of one. */
export function redactPath(url: string): string {
  const [path = ''] = url.split(/[?#]/, 1)
  return path
    .split('/')
    .map((word, index, words) =>
      word.length >= 16 || /^(pay|invitations?|reset|redeem)$/.test(words[index - 1] ?? '') ? redacted : word,
    )
    .join('/')
    .slice(0, 200)
}

/** The last net under all lines: the values of the settings, and tokens in links. */
function hiding(config: Pick<Config, 'secret'>): (line: string) => string {
  const secrets = secretSettings
    .flatMap((name) => config.secret(name)?.reveal().split(',') ?? [])
    .map((secret) => secret.trim())
    .filter((secret) => secret.length >= 6)
  return (line) => {
    let text = line
    for (const secret of secrets) if (text.includes(secret)) text = text.replaceAll(secret, redacted)
    return text.includes('/pay/') || text.includes('oken=')
      ? text.replace(/(\/pay\/|[?&](?:[a-z_]*_)?token=)[A-Za-z0-9._~-]+/gi, `$1${redacted}`)
      : text
  }
}
