/** What the routes of single sign-on have in common: the site's key, how often they are asked, what a refusal tells. */
import { ErpmaxError } from '../kernel/errors.js'
import { Secret } from '../kernel/secret.js'
import { perMinute } from './rate-limit.js'
import { errorBody } from './answer-errors.js'
import { redeemToken } from '../people/sso/redeem.js'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../kernel/context.js'
import type { SessionJson } from '../people/sso/session.js'

/** Of one address: a site signs its people in from one, a guesser of keys gets nowhere with it. */
const mostPerMinute = 240
/** Longer than any token or key there is. */
const longest = 200

interface Answer {
  status: number
  code: string
  message: string
}

const unknown = { status: 404, code: 'sso.token_unknown', message: 'There is no such token' }
const noMember = { status: 403, code: 'sso.not_allowed', message: 'This user is not let in at present' }
const gone = (code: string, message: string): Answer => ({ status: 410, code, message })

/**
 * By the code of the refusal; none names a user, a tenant or an id. What the token was of somebody else's is told
 * like one that never was.
 */
const answers: Readonly<Record<string, Answer>> = {
  'sso.key_unknown': { status: 401, code: 'sso.key_unknown', message: 'No site has this key' },
  'sso.token_unknown': unknown,
  'sso.wrong_site': unknown,
  'sso.token_used': gone('sso.token_used', 'This token has been used'),
  'sso.token_expired': gone('sso.token_expired', 'This token has expired'),
  'sso.token_revoked': gone('sso.token_revoked', 'This token was revoked'),
  'sso.redirect_invalid': {
    status: 400,
    code: 'sso.redirect_mismatch',
    message: 'This is not the path of the token',
  },
  'sso.redirect_mismatch': {
    status: 400,
    code: 'sso.redirect_mismatch',
    message: 'This is not the path of the token',
  },
  'user.not_active': noMember,
  'membership.not_active': noMember,
  'tenant.suspended': noMember,
  'tenant.archived': noMember,
  'tenant.not_active': noMember,
}

export function refused(error: unknown): Answer | null {
  return error instanceof ErpmaxError ? (answers[error.code] ?? null) : null
}

/** Limits how often an address may ask, and keeps every answer out of caches. */
export function guard(app: FastifyInstance): void {
  const limit = perMinute(mostPerMinute)
  app.addHook('onRequest', async (request, reply) => {
    if (!limit.exceeded(request.ip).exceeded) return
    return reply
      .code(429)
      .header('retry-after', '60')
      .send(errorBody('http.rate_limited', 'Too many requests: once more in a minute', true))
  })
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer')
  })
}

/** @throws permission `sso.key_unknown` without a key; what `redeemToken` throws */
export async function redeemFor(
  ctx: Context,
  request: FastifyRequest,
  token: unknown,
  redirect: string | null,
): Promise<SessionJson> {
  const key = keyOf(request)
  if (typeof token !== 'string' || token === '' || token.length > longest)
    throw new ErpmaxError('not_found', 'sso.token_unknown', 'There is no such token')
  return redeemToken(ctx, { token: new Secret(token), key, site: null, redirect })
}

/** `Authorization: Bearer <key>` or `X-Site-Key: <key>`. */
function keyOf({ headers }: FastifyRequest): Secret {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
  const given = headers['x-site-key'] ?? bearer
  if (typeof given === 'string' && given !== '' && given.length <= longest) return new Secret(given)
  throw new ErpmaxError('permission', 'sso.key_unknown', 'No key of a site came with the request')
}

export function sendRefusal(
  reply: FastifyReply,
  { status, code, message }: Answer,
  more: object = {},
): FastifyReply {
  if (status === 401) reply.header('www-authenticate', 'Bearer')
  return reply.code(status).send({ ...more, ok: false, error: { code, message, retryable: false } })
}
