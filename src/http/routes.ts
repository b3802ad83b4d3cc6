/** What the listener serves, by what it was asked for. */
import { erpnextRoutes } from './erpnext-routes.js'
import { ssoRoutes } from './sso-routes.js'
import type { Routes } from './server.js'

export interface Served {
  /** `/api/v1/...` for the front ends of the ERP. */
  api: boolean
  /** The paths under which ERPNext asks for single sign-on today. */
  erpnextCompat: boolean
}

/** In the order in which they are registered. */
export function routesOf(served: Served): Routes[] {
  return [...always, ...(served.api ? api : []), ...(served.erpnextCompat ? erpnext : [])]
}

const always: Routes[] = [ssoRoutes]
const api: Routes[] = []
const erpnext: Routes[] = [erpnextRoutes]
