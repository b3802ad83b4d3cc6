/** What an endpoint of the API is: its schemas, who may call it how often, and the one function it calls. */
import type * as z from 'zod'
import { ErpmaxError } from '../../kernel/errors.js'
import { perMinute } from '../rate-limit.js'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../kernel/context.js'

export interface Call<Input> {
  /** Acts as the caller: the audit log has their address. */
  ctx: Context
  input: Input
  /** The text after `Authorization: Bearer`; empty where the endpoint takes none. */
  token: string
  /** Runs on after the answer: its time tells the caller nothing. */
  later(work: Promise<unknown>): void
}

export interface Endpoint<Shape extends z.ZodType = z.ZodType> {
  method: 'GET' | 'POST'
  path: string
  summary: string
  /** Of the body, or of the query of a GET; null: neither is read. */
  input: Shape | null
  /** `optional`: where the body carries a token instead. */
  bearer: 'required' | 'optional' | 'none'
  status: 200 | 202
  answer: z.ZodType
  /** Calls of one address in a minute; null: as many as it likes. */
  perMinute: number | null
  call(call: Call<z.infer<Shape>>): Promise<unknown>
}

/** Keeps the type of the input beside the function that takes it. */
export function endpoint<Shape extends z.ZodType>(one: Endpoint<Shape>): Endpoint {
  return one as unknown as Endpoint
}

export function serve(
  app: FastifyInstance,
  ctx: Context,
  one: Endpoint,
  later: Call<unknown>['later'],
): void {
  const limit = one.perMinute === null ? null : perMinute(one.perMinute)
  app.route({
    method: one.method,
    url: one.path,
    bodyLimit: 16 * 1024,
    handler: async (request, reply) => {
      if (limit?.exceeded(request.ip).exceeded) return tooMany(reply)
      const actor = { ...ctx.actor, operator: `api ${request.ip}` }
      const data = await one.call({
        ctx: { ...ctx, actor },
        input: inputOf(one, request),
        token: bearerOf(one, request),
        later,
      })
      return reply.code(one.status).send({ ok: true, data })
    },
  })
}

function inputOf({ input, method }: Endpoint, request: FastifyRequest): unknown {
  if (input === null) return undefined
  const parsed = input.safeParse(method === 'GET' ? request.query : (request.body ?? {}))
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }))
  const [first] = issues
  throw new ErpmaxError(
    'usage',
    'usage.invalid',
    `${first?.field || 'The body'}: ${first?.message ?? 'invalid'}`,
    {
      details: { issues },
    },
  )
}

/** @throws permission `token.missing` */
function bearerOf({ bearer }: Endpoint, { headers }: FastifyRequest): string {
  if (bearer === 'none') return ''
  const found = /^Bearer +([^\s]+)$/i.exec(headers.authorization ?? '')?.[1]
  if (found !== undefined || bearer === 'optional') return found ?? ''
  throw new ErpmaxError('permission', 'token.missing', 'Authorization: Bearer <access token> is missing')
}

function tooMany(reply: FastifyReply): FastifyReply {
  return reply
    .code(429)
    .header('retry-after', '60')
    .send({
      ok: false,
      error: {
        code: 'http.rate_limited',
        message: 'Too many tries from this address',
        details: {},
        retryable: true,
      },
    })
}

/** Who is not signed in gets 401, who may not gets 403. */
export function isUnauthenticated({ kind, code }: ErpmaxError): boolean {
  return kind === 'permission' && (code === 'auth.refused' || code.startsWith('token.'))
}
