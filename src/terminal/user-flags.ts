/** Arguments and flags that the commands about people share. */
import { Args, Flags } from '@oclif/core'

export const tenantArg = Args.string({ description: 'subdomain or id', required: true })
export const userArg = Args.string({ description: 'e-mail address or id', required: true })

export const asFlag = Flags.string({
  description: 'act as this member, with their rights; without it as the operator',
  helpValue: '<email>',
})

/** Of a role: without it one of all tenants is meant. */
export const roleTenantFlag = Flags.string({
  description: 'the tenant whose own role it is; without it a role of all tenants',
})

export const roleArg = Args.string({ description: 'code of the role', required: true })

export const permissionsArg = Args.string({
  description: 'permissions, such as finance:read',
  required: true,
  multiple: true,
})
