/** `/api/v1/onboarding/...`: what somebody may know who has no account yet: free names, modules, tiers, prices. */
import * as z from 'zod'
import { checkSubdomain } from '../../tenants/subdomain.js'
import { listModules } from '../../views/modules.js'
import { endpoint, type Endpoint } from './endpoint.js'
import { modules, subdomainCheck } from './shapes.js'

const all = { limit: 500, cursor: null }

export function onboardingEndpoints(): Endpoint[] {
  const check = {
    path: '/api/v1/onboarding/check-subdomain',
    bearer: 'none',
    status: 200,
    perMinute: 60,
    summary: 'Whether a subdomain is free, with free ones near it',
    input: z.strictObject({ subdomain: z.string().max(200) }),
    answer: subdomainCheck,
  } as const
  return [
    ...(['GET', 'POST'] as const).map((method) =>
      endpoint({ ...check, method, call: ({ ctx, input }) => checkSubdomain(ctx, input.subdomain) }),
    ),
    endpoint({
      ...{ method: 'GET', path: '/api/v1/onboarding/modules', bearer: 'none', status: 200, perMinute: 60 },
      summary: 'Modules and tiers with the prices of today',
      input: z.strictObject({
        currency: z.string().max(3).optional(),
        cycle: z.enum(['monthly', 'annual']).optional(),
      }),
      answer: modules,
      call: async ({ ctx, input }) => {
        const filters = { currency: input.currency ?? null, cycle: input.cycle ?? null }
        const { items, tiers } = await listModules(ctx, filters, all)
        return {
          modules: items.map(({ tables: _, ...module }) => module),
          tiers,
        }
      },
    }),
  ]
}
