/** The document of the API (OpenAPI 3.1), generated from the schemas that its endpoints judge by. */
import * as z from 'zod'
import { failure } from './shapes.js'
import type { Endpoint } from './endpoint.js'

const refusals: Record<number, string> = {
  400: 'What was sent is not of the form',
  401: 'The password or the token does not count',
  403: 'This user may not',
  409: 'The tenant is suspended or archived',
  429: 'Too many tries from this address in a minute',
  503: 'Out of order for a moment: try again',
}

/** @param server where the listener is reached from outside; null: left out */
export function openApi(endpoints: readonly Endpoint[], version: string, server: string | null): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const one of endpoints)
    paths[one.path] = { ...paths[one.path], [one.method.toLowerCase()]: operation(one) }
  return {
    openapi: '3.1.0',
    info: { title: 'erpmax', version, description: 'Sessions and onboarding, for front ends of the ERP.' },
    ...(server ? { servers: [{ url: server }] } : {}),
    paths,
    components: {
      schemas: { Failure: schemaOf(failure, 'output') },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  }
}

function operation(one: Endpoint): object {
  const { summary, input, method, bearer, status, answer } = one
  const success = z.strictObject({ ok: z.literal(true), data: answer })
  return {
    operationId: operationId(one),
    summary,
    ...(bearer === 'none'
      ? {}
      : { security: bearer === 'optional' ? [{ bearer: [] }, {}] : [{ bearer: [] }] }),
    ...(input && method === 'POST'
      ? { requestBody: { required: true, content: json(schemaOf(input, 'input')) } }
      : {}),
    ...(input && method === 'GET' ? { parameters: parametersOf(input) } : {}),
    responses: {
      [status]: { description: 'Done', content: json(schemaOf(success, 'output')) },
      ...Object.fromEntries(
        statusesOf(one).map((code) => [
          code,
          { description: refusals[code], content: json({ $ref: '#/components/schemas/Failure' }) },
        ]),
      ),
    },
  }
}

function operationId({ method, path }: Endpoint): string {
  const words = path.replace('/api/v1/', '').split(/[/-]/)
  return [method.toLowerCase(), ...words.map((word) => word[0]?.toUpperCase() + word.slice(1))].join('')
}

function statusesOf({ input, bearer, path, perMinute }: Endpoint): number[] {
  const signsIn = bearer !== 'none' || /login|refresh/.test(path)
  return [
    ...(input ? [400] : []),
    ...(signsIn ? [401, 403, 409] : []),
    ...(perMinute === null ? [] : [429]),
    503,
  ]
}

function parametersOf(input: z.ZodType): object[] {
  const { properties = {}, required = [] } = schemaOf(input, 'input') as {
    properties?: Record<string, object>
    required?: string[]
  }
  return Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: 'query', required: required.includes(name), schema },
  }))
}

function schemaOf(shape: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io })
  return schema
}

function json(schema: object): object {
  return { 'application/json': { schema } }
}
