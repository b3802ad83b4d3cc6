/** Every setting, where it may come from and what it is worth: environment > .env > user's file > default. */
import { ErpmaxError } from './errors.js'
import { redactUrls, Secret } from './secret.js'

interface Setting {
  name: string
  about: string
  /** Shown as [redacted]; may also come from the file that `<name>_FILE` names. */
  secret?: boolean
  /** The value is a URL whose password alone is secret. */
  url?: boolean
  default?: string
}

export const settings = [
  {
    name: 'DATABASE_URL',
    about: 'the Postgres to run on; unset: the embedded server',
    secret: true,
    url: true,
  },
  { name: 'PGHOST', about: 'host or socket folder, where DATABASE_URL is unset' },
  { name: 'PGPORT', about: 'port', default: '5432' },
  { name: 'PGUSER', about: 'user' },
  { name: 'PGPASSWORD', about: 'password', secret: true },
  { name: 'PGDATABASE', about: 'database' },
  { name: 'PGSSLMODE', about: 'disable, prefer, require, verify-ca or verify-full' },
  { name: 'ERPMAX_HOME', about: 'folder of the embedded server and of keys' },
  { name: 'ERPMAX_ENV', about: 'development, test or production', default: 'development' },
  { name: 'ERPMAX_EMBEDDED', about: '1 allows the embedded server in production' },
  {
    name: 'ERPMAX_PG_IDLE',
    about: 'seconds without a client after which the embedded server stops; 0 never',
    default: '600',
  },
  { name: 'ERPMAX_NOW', about: 'the clock, RFC 3339; refused in production' },
  {
    name: 'ERPMAX_PUBLIC_URL',
    about: 'where the listener is reached from outside; mailed links begin with it',
  },
  { name: 'ERPMAX_JWT_KEY_FILE', about: 'private key (PEM, P-256) that signs access tokens' },
  {
    name: 'ERPMAX_BCRYPT_COST',
    about: 'cost of password hashes, 4 to 15; production: 10 or more',
    default: '12',
  },
  { name: 'ERPMAX_BILLING_BATCH', about: 'subscriptions billed in one transaction', default: '5000' },
  {
    name: 'SMTP_URL',
    about: 'the mail server, smtp:// or smtps://; unset: mails are kept, not sent',
    secret: true,
    url: true,
  },
  {
    name: 'ERPMAX_MAIL_FROM',
    about: 'the sender of mails, Name <address>; unset: the company that issues the invoices',
  },
  { name: 'STRIPE_SECRET_KEY', about: 'the key of Stripe (sk_test_, sk_live_, rk_)', secret: true },
  {
    name: 'STRIPE_WEBHOOK_SECRET',
    about: 'what Stripe signs webhooks with; several, newest first, by comma',
    secret: true,
  },
  { name: 'RAZORPAY_KEY_ID', about: 'the key of Razorpay (rzp_test_, rzp_live_)' },
  { name: 'RAZORPAY_KEY_SECRET', about: 'the secret of that key', secret: true },
  {
    name: 'RAZORPAY_WEBHOOK_SECRET',
    about: 'what Razorpay signs webhooks with; several, newest first, by comma',
    secret: true,
  },
  { name: 'ERPMAX_STRIPE_API_BASE', about: 'another server in place of Stripe; refused with live keys' },
  { name: 'ERPMAX_RAZORPAY_API_BASE', about: 'another server in place of Razorpay; refused with live keys' },
  {
    name: 'ERPMAX_PROVIDER_TIMEOUT',
    about: 'seconds a payment provider has for its answer',
    default: '20',
  },
  {
    name: 'ERPMAX_SSO_SITE_KEY',
    about: 'the key of the site for which sso-token redeem redeems tokens',
    secret: true,
  },
  { name: 'ERPMAX_OPERATOR', about: 'who is acting, for the audit log; default: the OS user' },
  { name: 'ERPMAX_FAILPOINT', about: 'failpoints for tests; refused in production' },
] as const satisfies readonly Setting[]

export type SettingName = (typeof settings)[number]['name']

/** One origin of settings: `environment`, `.env`, the user's file. Earlier sources win. */
export interface Source {
  origin: string
  values: Readonly<Record<string, string | undefined>>
}

/** A file that settings may come from. */
export interface SettingFile {
  path: string
  exists: boolean
}

export interface ResolvedSetting {
  name: SettingName
  about: string
  value: string | null
  origin: string
  secret: boolean
}

const environments = ['development', 'test', 'production'] as const

export type Environment = (typeof environments)[number]

export interface Config {
  environment: Environment
  /** The value of a setting, or null. Secrets are wrapped. */
  text(name: SettingName): string | null
  secret(name: SettingName): Secret | null
  origin(name: SettingName): string
  /** Every setting for showing, secrets redacted. */
  describe(): ResolvedSetting[]
}

/**
 * @param sources earlier wins; an empty text counts as unset
 * @param readFile reads the file that a `<name>_FILE` setting names
 */
export function resolveConfig(sources: readonly Source[], readFile: (path: string) => string): Config {
  const resolved = new Map<string, { value: string; origin: string }>()
  for (const setting of settings as readonly Setting[]) {
    const found = fromSources(setting, sources, readFile)
    if (found) resolved.set(setting.name, found)
  }
  const named = resolved.get('ERPMAX_ENV')?.value
  const environment = environments.find((known) => known === named)
  if (!environment) {
    throw new ErpmaxError('usage', 'config.invalid', 'ERPMAX_ENV must be development, test or production')
  }
  checkProduction(environment, resolved)
  checkPaymentKeys(environment, resolved)
  const secretNames = new Set<string>(
    (settings as readonly Setting[]).filter((s) => s.secret).map((s) => s.name),
  )
  return {
    environment,
    text(name) {
      if (secretNames.has(name)) throw new TypeError(`${name} is a secret`)
      return resolved.get(name)?.value ?? null
    },
    secret(name) {
      const found = resolved.get(name)
      return found ? new Secret(found.value) : null
    },
    origin: (name) => resolved.get(name)?.origin ?? 'unset',
    describe: () =>
      (settings as readonly Setting[]).map((setting) => {
        const found = resolved.get(setting.name)
        const shown = !found
          ? null
          : setting.url
            ? redactUrls(found.value)
            : setting.secret
              ? '[redacted]'
              : found.value
        return {
          name: setting.name as SettingName,
          about: setting.about,
          value: shown,
          origin: found?.origin ?? 'unset',
          secret: setting.secret ?? false,
        }
      }),
  }
}

function fromSources(
  setting: Setting,
  sources: readonly Source[],
  readFile: (path: string) => string,
): { value: string; origin: string } | null {
  for (const source of sources) {
    const value = source.values[setting.name]
    if (value) return { value, origin: source.origin }
    const file = setting.secret ? source.values[`${setting.name}_FILE`] : undefined
    if (file) return { value: readFile(file).trim(), origin: `${source.origin} (${setting.name}_FILE)` }
  }
  return setting.default === undefined ? null : { value: setting.default, origin: 'default' }
}

function checkProduction(environment: Environment, resolved: ReadonlyMap<string, unknown>): void {
  if (environment !== 'production') return
  for (const name of ['ERPMAX_NOW', 'ERPMAX_FAILPOINT']) {
    if (resolved.has(name)) {
      throw new ErpmaxError('usage', 'config.not_in_production', `${name} is refused in production`, {
        hint: `unset ${name}`,
      })
    }
  }
}

/** Live keys move real money: only in production, and only at the provider itself. */
function checkPaymentKeys(environment: Environment, resolved: ReadonlyMap<string, { value: string }>): void {
  for (const [key, base] of [
    ['STRIPE_SECRET_KEY', 'ERPMAX_STRIPE_API_BASE'],
    ['RAZORPAY_KEY_ID', 'ERPMAX_RAZORPAY_API_BASE'],
  ] as const) {
    if (!isLiveKey(resolved.get(key)?.value ?? '')) continue
    if (environment !== 'production')
      throw new ErpmaxError('usage', 'config.live_key', `${key} is a live key, and this is ${environment}`, {
        hint: 'Use a test key, or ERPMAX_ENV=production where real money is to move',
      })
    if (resolved.has(base))
      throw new ErpmaxError('usage', 'config.live_key', `${base} is refused with a live key`, {
        hint: `unset ${base}`,
      })
  }
}

/** Stripe: `sk_live_...`, `rk_live_...`; Razorpay: `rzp_live_...`. */
export function isLiveKey(key: string): boolean {
  return /^(sk|rk|rzp)_live_/.test(key)
}
