/** What the listener serves, by what it was asked for. */
import { crossOrigin } from './cross-origin.js'
import { payRoutes } from './pay-routes.js'
import { peoplePages } from './people-pages.js'
import { apiRoutes } from './api-routes.js'
import { jwksRoutes } from './jwks-routes.js'
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
  return [
    ...always,
    ...(served.api ? api.map((routes) => crossOrigin(routes)) : []),
    ...(served.erpnextCompat ? erpnext : []),
  ]
}

const always: Routes[] = [payRoutes, peoplePages, jwksRoutes, ssoRoutes]
const api: Routes[] = [apiRoutes]
const erpnext: Routes[] = [erpnextRoutes]
