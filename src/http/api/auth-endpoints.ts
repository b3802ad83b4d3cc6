/** `/api/v1/auth/...` and `/api/v1/tenants`: sessions, for front ends of the ERP. */
import * as z from 'zod'
import { ErpmaxError } from '../../kernel/errors.js'
import { Secret } from '../../kernel/secret.js'
import { forgotPassword } from '../../people/reset-password.js'
import { login } from '../../people/sessions/login.js'
import { logout } from '../../people/sessions/logout.js'
import { refresh } from '../../people/sessions/refresh.js'
import { switchTenant } from '../../people/sessions/switch-tenant.js'
import { tenantsOfBearer, whoIs } from '../../people/sessions/who.js'
import { endpoint, type Endpoint } from './endpoint.js'
import { accepted, loggedOut, tokens, userTenants, who } from './shapes.js'

const email = z.string().trim().min(3).max(254)
const tenant = z.string().min(1).max(80).meta({ description: 'subdomain or id' })
const refreshToken = z.string().min(1).max(200)

export function authEndpoints(): Endpoint[] {
  return [
    endpoint({
      ...{ method: 'POST', path: '/api/v1/auth/login', bearer: 'none', status: 200, perMinute: 10 },
      summary: 'Sign in with address and password. One answer for unknown, wrong and locked',
      input: z.strictObject({ email, password: z.string().min(1).max(1000), tenant: tenant.optional() }),
      answer: tokens,
      call: ({ ctx, input }) =>
        login(ctx, {
          email: input.email,
          password: new Secret(input.password),
          tenant: input.tenant ?? null,
        }),
    }),
    endpoint({
      ...{ method: 'POST', path: '/api/v1/auth/refresh', bearer: 'none', status: 200, perMinute: 60 },
      summary: 'The next tokens for a refresh token. Each works once: a second use ends the session',
      input: z.strictObject({ refresh_token: refreshToken }),
      answer: tokens,
      call: ({ ctx, input }) => refresh(ctx, input.refresh_token),
    }),
    endpoint({
      ...{
        method: 'POST',
        path: '/api/v1/auth/switch-tenant',
        bearer: 'optional',
        status: 200,
        perMinute: 60,
      },
      summary: 'Go on in another tenant, by the access token or by a refresh token in the body',
      input: z.strictObject({ tenant, refresh_token: refreshToken.optional() }),
      answer: tokens,
      call: ({ ctx, input, token }) =>
        switchTenant(ctx, input.refresh_token ?? required(token), input.tenant),
    }),
    endpoint({
      ...{ method: 'POST', path: '/api/v1/auth/logout', bearer: 'optional', status: 200, perMinute: 60 },
      summary:
        'End the session of the access token, or of a refresh token in the body; all: every session of the user',
      input: z.strictObject({ refresh_token: refreshToken.optional(), all: z.boolean().optional() }),
      answer: loggedOut,
      call: async ({ ctx, input, token }) => {
        const { ended } = await logout(ctx, input.refresh_token ?? required(token), {
          all: input.all ?? false,
        })
        return { ended }
      },
    }),
    endpoint({
      ...{ method: 'POST', path: '/api/v1/auth/forgot-password', bearer: 'none', status: 202, perMinute: 5 },
      summary: 'Mail a link for a new password. One answer, whether somebody has that address or not',
      input: z.strictObject({ email }),
      answer: accepted,
      call: ({ ctx, input, later }) => {
        later(forgotPassword(ctx, input.email))
        return Promise.resolve({ accepted: true })
      },
    }),
    endpoint({
      ...{ method: 'GET', path: '/api/v1/auth/me', bearer: 'required', status: 200, perMinute: null },
      summary: 'Whose access token it is: user, tenant, role, permissions, other tenants',
      input: null,
      answer: who,
      call: ({ ctx, token }) => whoIs(ctx, token),
    }),
    endpoint({
      ...{ method: 'GET', path: '/api/v1/tenants', bearer: 'required', status: 200, perMinute: null },
      summary: 'The tenants the user of the access token belongs to',
      input: null,
      answer: userTenants,
      call: ({ ctx, token }) => tenantsOfBearer(ctx, token),
    }),
  ]
}

function required(token: string): string {
  if (token !== '') return token
  throw new ErpmaxError('permission', 'token.missing', 'Neither an access token nor refresh_token was sent')
}
