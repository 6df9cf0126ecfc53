// Starts the page: theme, cache of answers, stream of changes, router. Nothing else runs before a screen does.

import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { createRoot } from 'react-dom/client'
import { createQueryClient, startLive } from '../api/index.ts'
import { setServerTime, toast } from '../ui/index.ts'
import '../ui/styles.css'
import { isByLink } from './by-link.ts'
import { router } from './router.tsx'
import { watchTheme } from './theme.ts'

watchTheme()
const client = createQueryClient((error) => toast.error(error))
// Who came by a link is not signed in, and would be refused.
if (!isByLink()) startLive(client, (hello) => setServerTime(Date.parse(hello.now)))

const element = document.getElementById('root')
if (element !== null) {
  createRoot(element).render(
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  )
}
