// The door of the frame for screens: the page wrapper, links to pages, and the few things that stand outside every page.

export { AppLink, EventLink, FunctionLink, JobLink, RunLink, SessionLink } from './links.tsx'
export { Page } from './page.tsx'
export { openSend } from './send.ts'
