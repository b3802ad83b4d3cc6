/** The states of a tenant, in the order of its life; the legal moves between them are rows in state_moves. */
export const tenantStates = [
  'pending',
  'provisioning',
  'active',
  'suspended',
  'archived',
  'restoring',
  'failed',
  'deleting',
  'deleted',
] as const

/** States in which a tenant has its whole schema. */
export const statesWithSchema = ['active', 'suspended', 'archived'] as const
