/** The key that signs access tokens: ES256, made at first use with mode 0600, or the file that is configured. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'
import { link, mkdir, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { homeFolder } from '../database/embedded/home.js'
import { ErpmaxError } from '../kernel/errors.js'
import type { Config } from '../kernel/config.js'

/** The public half, as a JWK (RFC 7517). */
export interface PublicJwk {
  kty: string
  crv: string
  x: string
  y: string
}

export interface SigningKey {
  key: KeyObject
  /** The JWK thumbprint of the public key (RFC 7638). */
  kid: string
  publicJwk: PublicJwk
}

/** Where the key lies: the configured file, else one in the home, which is made where it is missing. */
export function signingKeyPlace(config: Config): { file: string; create: boolean } {
  const configured = config.text('ERPMAX_JWT_KEY_FILE')
  if (configured) return { file: configured, create: false }
  return { file: path.join(homeFolder(config.text('ERPMAX_HOME')), 'keys', 'jwt.pem'), create: true }
}

/**
 * @param file where the key lies, PEM, P-256
 * @param create whether to make it where it is missing; a configured file is never made
 */
export async function loadSigningKey(file: string, create: boolean): Promise<SigningKey> {
  if (create) await makeOnce(file)
  return described(await readKey(file))
}

/** A new key that lies nowhere yet. */
export function newSigningKey(): SigningKey {
  return described(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
}

/** Puts the key in the place of the one that lies there, at once and with mode 0600. @throws dependency `key.unwritable` */
export async function replaceSigningKey(file: string, { key }: SigningKey): Promise<void> {
  const mine = `${file}.${process.pid}.new`
  try {
    // Where the file is a link, what it leads to is replaced.
    const target = await realpath(file)
    const handle = await open(mine, 'wx', 0o600)
    try {
      await handle.writeFile(key.export({ type: 'pkcs8', format: 'pem' }))
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(mine, target)
  } catch (cause) {
    throw new ErpmaxError('dependency', 'key.unwritable', `The signing key ${file} cannot be replaced`, {
      hint: 'Give erpmax a file in a folder it may write to: ERPMAX_JWT_KEY_FILE=<file>',
      retryable: false,
      cause,
    })
  } finally {
    await rm(mine, { force: true }).catch(() => {})
  }
}

function described(key: KeyObject): SigningKey {
  const { kty, crv, x, y } = createPublicKey(key as never).export({ format: 'jwk' })
  const publicJwk = { kty, crv, x, y } as PublicJwk
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
  return { key, kid, publicJwk }
}

async function readKey(file: string): Promise<KeyObject> {
  try {
    const { mode } = await stat(file)
    if ((mode & 0o077) !== 0) {
      throw new ErpmaxError('dependency', 'key.open_to_others', `${file} can be read by other users`, {
        hint: `chmod 600 ${file}`,
        retryable: false,
      })
    }
    const key = createPrivateKey(await readFile(file))
    if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
      throw new Error('not a P-256 key')
    return key
  } catch (cause) {
    if (cause instanceof ErpmaxError) throw cause
    throw new ErpmaxError('dependency', 'key.unreadable', `The signing key ${file} cannot be used`, {
      hint: 'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256',
      retryable: false,
      cause,
    })
  }
}

/** Whoever links first decides; the others use that key. */
async function makeOnce(file: string): Promise<void> {
  if (await stat(file).catch(() => null)) return
  await mkdir(path.dirname(file), { recursive: true, mode: 0o711 })
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const mine = `${file}.${process.pid}`
  await writeFile(mine, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  try {
    await link(mine, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(mine, { force: true })
  }
}
