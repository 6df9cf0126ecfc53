// The addresses of the page. Each screen is a chunk of its own, loaded when one points at a link to it; its parameters are
// read by the screen's `search.ts`, which is pure and small and therefore comes with the frame.

import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { prefix } from '../api/index.ts'
import { appSearch } from '../screens/app/search.ts'
import { appsSearch } from '../screens/apps/search.ts'
import { bulkSearch } from '../screens/bulk/search.ts'
import { eventSearch } from '../screens/event/search.ts'
import { eventsSearch } from '../screens/events/search.ts'
import { functionSearch } from '../screens/function/search.ts'
import { functionsSearch } from '../screens/functions/search.ts'
import { metricsSearch } from '../screens/metrics/search.ts'
import { overviewSearch } from '../screens/overview/search.ts'
import { runSearch } from '../screens/run/search.ts'
import { runsSearch } from '../screens/runs/search.ts'
import { schedulesSearch } from '../screens/schedules/search.ts'
import { parseSearch, stringifySearch } from '../ui/url-state.ts'
import { ScreenError, ScreenMissing, ScreenPending } from './screen-error.tsx'
import { Shell } from './shell.tsx'

const root = createRootRoute({ component: Shell, notFoundComponent: ScreenMissing })
const getParentRoute = () => root

const routes = [
  createRoute({
    getParentRoute,
    path: '/',
    validateSearch: overviewSearch,
    component: lazyRouteComponent(() => import('../screens/overview/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/runs',
    validateSearch: runsSearch,
    component: lazyRouteComponent(() => import('../screens/runs/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/runs/$runId',
    validateSearch: runSearch,
    component: lazyRouteComponent(() => import('../screens/run/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/events',
    validateSearch: eventsSearch,
    component: lazyRouteComponent(() => import('../screens/events/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/events/$eventId',
    validateSearch: eventSearch,
    component: lazyRouteComponent(() => import('../screens/event/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/functions',
    validateSearch: functionsSearch,
    component: lazyRouteComponent(() => import('../screens/functions/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/functions/$appId/$functionId',
    validateSearch: functionSearch,
    component: lazyRouteComponent(() => import('../screens/function/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/schedules',
    validateSearch: schedulesSearch,
    component: lazyRouteComponent(() => import('../screens/schedules/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/apps',
    validateSearch: appsSearch,
    component: lazyRouteComponent(() => import('../screens/apps/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/apps/$appId',
    validateSearch: appSearch,
    component: lazyRouteComponent(() => import('../screens/app/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/charts',
    validateSearch: metricsSearch,
    component: lazyRouteComponent(() => import('../screens/metrics/screen.tsx'), 'Screen'),
  }),
  createRoute({
    getParentRoute,
    path: '/bulk',
    validateSearch: bulkSearch,
    component: lazyRouteComponent(() => import('../screens/bulk/screen.tsx'), 'Screen'),
  }),
] as const

export const router = createRouter({
  routeTree: root.addChildren(routes),
  basepath: prefix === '' ? '/' : prefix,
  parseSearch: (text) => parseSearch(text.startsWith('?') ? text.slice(1) : text),
  stringifySearch,
  defaultPreload: 'intent',
  defaultPendingMs: 150,
  defaultPendingMinMs: 0,
  // Lists in the address keep their identity while they say the same, so that views do not read again for nothing.
  defaultStructuralSharing: true,
  defaultErrorComponent: ScreenError,
  defaultNotFoundComponent: ScreenMissing,
  defaultPendingComponent: ScreenPending,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
