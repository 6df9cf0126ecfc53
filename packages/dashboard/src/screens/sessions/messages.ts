// The words of the list of Sessions.

export const messages = {
  title: 'Sessions',
  list: 'Sessions',
  filters: 'Filters',
  state: 'State',
  agent: 'Agent',
  agentPlaceholder: 'Agent, exactly',
  job: 'Job',
  run: 'Run',
  failed: 'Sessions could not be read.',
  columns: {
    title: 'Title',
    state: 'State',
    agent: 'Agent',
    from: 'Started by',
    items: 'Items',
    updated: 'Updated',
    created: 'Started',
  },
  ofJob: 'Job run',
  ofRun: 'Run',
  pending: (count: number) => (count === 1 ? '1 question' : `${count} questions`),
  empty: {
    title: 'No sessions yet',
    text: 'A session is the record of one piece of work: what an agent did, and what it asked people.',
    code: `import { Sessions } from "@pawl/sessions"

const sessions = new Sessions({ baseUrl: "http://localhost:8288" })
const session = await sessions.open({ key: "order-17", title: "Order 17", agent: "trading-bot" })
await sessions.append(session.id, { type: "message", role: "assistant", content: "Reading the news" })`,
    filtered: 'No session matches',
    filteredText: (what: string) => `Searched for ${what}.`,
    clear: 'Clear filters',
  },
} as const
