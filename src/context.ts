/** The composition root: the only file that picks concrete parts. Heavy ones load when first needed. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import dotenv from 'dotenv'
import envPaths from 'env-paths'
import { resolveConfig, type Config, type SettingFile, type Source } from './kernel/config.js'
import { ErpmaxError } from './kernel/errors.js'
import { failpoints, parseFailpoints } from './kernel/failpoints.js'
import { signingKeyPlace } from './people/signing-key.js'
import type { Access } from './database/open.js'
import type { Place } from './database/target.js'
import type { Actor, Clock, Context, Holder, Processes, Warning } from './kernel/context.js'

export interface OpenContextOptions {
  access: Access
  /** Apply pending migrations to a user's own database. */
  migrate?: boolean
  signal: AbortSignal
  warn(warning: Warning): void
}

export interface OpenedContext extends Context {
  place: Place
  close(): Promise<void>
}

/** Opens the database and puts the parts together; the caller closes it. */
export async function openContext(config: Config, options: OpenContextOptions): Promise<OpenedContext> {
  const { openDatabase } = await import('./database/open.js')
  const opened = await openDatabase(config, {
    access: options.access,
    migrate: options.migrate ?? false,
    applicationName,
  })
  return {
    db: opened.db,
    place: opened.place,
    config,
    clock: clockOf(config),
    random: { bytes: randomBytes },
    actor: actorOf(config),
    processes: processes(),
    signal: options.signal,
    signingKey: signingKeyPlace(config),
    warn: options.warn,
    openPipeline: opened.openPipeline,
    openMailer: async () => {
      const url = config.secret('SMTP_URL')
      if (url === null) return null
      const { smtpMailer } = await import('./gateways/smtp.js')
      return smtpMailer(url)
    },
    openGateway: async (provider) => {
      const { paymentGateway } = await import('./gateways/payment-providers.js')
      return paymentGateway(provider, config, { clock: clockOf(config), wall: { now: () => new Date() } })
    },
    webhookReader: async (provider) => {
      const { webhookReader } = await import('./gateways/payment-providers.js')
      return webhookReader(provider)
    },
    failpoint: failpoints(parseFailpoints(config.text('ERPMAX_FAILPOINT') ?? ''), {
      kill: () => process.kill(process.pid, 'SIGKILL'),
      interrupt: async () => {
        const arrival = once(options.signal, 'abort')
        process.kill(process.pid, 'SIGINT')
        await arrival
      },
      disconnect: async () => {
        // Everybody else's connection of this user goes, and with it each one this process holds.
        await opened.db.raw(
          'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and usename = current_user and application_name = ?',
          [applicationName],
        )
      },
    }),
    close: opened.close,
  }
}

const applicationName = `erpmax ${process.pid}`

/** Settings from the environment, `.env` in the working folder and the user's file, in this order. */
export function readConfig(): Config {
  return resolveConfig(configSources(), (file) => {
    try {
      return readFileSync(file, 'utf8')
    } catch (cause) {
      throw new ErpmaxError('usage', 'config.file_unreadable', `${file} cannot be read`, { cause })
    }
  })
}

function configSources(): Source[] {
  const sources: Source[] = [{ origin: 'environment', values: process.env }]
  if (existsSync('.env')) sources.push({ origin: '.env', values: dotenv.parse(readFileSync('.env')) })
  const file = userConfigFile()
  if (existsSync(file)) sources.push({ origin: file, values: dotenv.parse(readFileSync(file)) })
  return sources
}

/** The files that settings may come from, whether they are there or not. */
export function settingFiles(): SettingFile[] {
  return [path.resolve('.env'), userConfigFile()].map((file) => ({ path: file, exists: existsSync(file) }))
}

/** The user's own settings, in the form of a `.env` file. */
export function userConfigFile(): string {
  return path.join(envPaths('erpmax', { suffix: '' }).config, 'config.env')
}

function clockOf(config: Config): Clock {
  const fixed = config.text('ERPMAX_NOW')
  if (!fixed) return { now: () => new Date() }
  const instant = new Date(fixed)
  if (!/^\d{4}-\d{2}-\d{2}T.+(Z|[+-]\d{2}:\d{2})$/.test(fixed) || Number.isNaN(instant.getTime())) {
    throw new ErpmaxError('usage', 'config.invalid', 'ERPMAX_NOW is not an RFC 3339 time', {
      hint: 'ERPMAX_NOW=2026-03-31T18:30:00Z',
    })
  }
  return { now: () => new Date(instant) }
}

/** Who acts, as far as this machine can tell. */
export function actorOf(config: Config): Actor {
  const osUser = userName()
  return {
    operator: config.text('ERPMAX_OPERATOR') ?? osUser,
    osUser,
    host: os.hostname(),
    ciJob: process.env.GITHUB_RUN_ID ?? process.env.CI_JOB_ID ?? process.env.BUILD_ID ?? null,
  }
}

function userName(): string {
  try {
    return os.userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}

function processes(): Processes {
  const host = os.hostname()
  return {
    self: { host, pid: process.pid, startedAt: startOf(process.pid) ?? '' },
    isGone: (holder: Holder) => holder.host === host && startOf(holder.pid) !== holder.startedAt,
  }
}

/** When a process began, in a form that only compares; null where there is none, or it is a zombie. */
function startOf(pid: number): string | null {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return fields[0] === 'Z'
        ? null
        : `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`
    }
    process.kill(pid, 0)
    return 'alive'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'alive' : null
  }
}
