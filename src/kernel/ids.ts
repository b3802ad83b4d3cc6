/** Branded identifiers: a plain string does not pass for one, so each is made in one place only. */

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

export type TenantId = Branded<'TenantId'>
export type JobId = Branded<'JobId'>
export type UserId = Branded<'UserId'>
export type SubscriptionId = Branded<'SubscriptionId'>

/** The name of a tenant's schema. Made once by `newSchemaName`, read from the placement row after. */
export type SchemaName = Branded<'SchemaName'>

const schemaNamePattern = /^tenant_[a-z0-9_]{1,56}$/

export function isSchemaName(text: string): boolean {
  return schemaNamePattern.test(text)
}

/** Takes a schema name that the database gave back; throws on anything that is not one. */
export function schemaName(text: string): SchemaName {
  if (!isSchemaName(text)) throw new TypeError(`not the name of a tenant schema: ${JSON.stringify(text)}`)
  return text as SchemaName
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export function isUuid(text: string): boolean {
  return uuidPattern.test(text)
}
