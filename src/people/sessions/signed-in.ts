/** What somebody holds who is signed in: the tokens, and whose and where they are. The contract of its JSON. */
import { issueAccessToken } from '../access-token.js'
import { currentKey } from '../keys/signing-keys.js'
import type { Context } from '../../kernel/context.js'
import type { Place, SignedInUser } from './place.js'
import type { RefreshToken } from './session-rows.js'

export type SessionContext = Pick<
  Context,
  'db' | 'clock' | 'random' | 'config' | 'actor' | 'signingKey' | 'processes'
>

export interface SignedIn {
  access_token: string
  access_token_expires_at: string
  /** Null where the one there is goes on working. */
  refresh_token: string | null
  refresh_token_expires_at: string | null
  session: { id: string }
  user: { id: string; email: string; full_name: string }
  tenant: { id: string; subdomain: string; name: string }
  role: string
}

export async function signedIn(
  ctx: SessionContext,
  user: SignedInUser,
  place: Place,
  { id: sessionId, refresh }: { id: string; refresh: RefreshToken | null },
): Promise<SignedIn> {
  const { tenantId, subdomain, role } = place
  const key = await currentKey(ctx)
  const access = await issueAccessToken(ctx, key, { userId: user.id, tenantId, subdomain, role, sessionId })
  return {
    access_token: access.token.reveal(),
    access_token_expires_at: access.expiresAt.toISOString(),
    refresh_token: refresh?.token.reveal() ?? null,
    refresh_token_expires_at: refresh?.expiresAt.toISOString() ?? null,
    session: { id: sessionId },
    user: { id: user.id, email: user.email, full_name: user.full_name },
    tenant: { id: tenantId, subdomain, name: place.name },
    role,
  }
}
