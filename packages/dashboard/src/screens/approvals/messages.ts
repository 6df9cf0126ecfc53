// The words of the inbox of questions.

export const messages = {
  title: 'Approvals',
  list: 'Requests',
  show: 'Which',
  pending: 'Pending',
  decided: 'Decided',
  failed: 'Requests could not be read.',
  columns: {
    asked: 'What is asked',
    from: 'From',
    arguments: 'Arguments',
    left: 'Time left',
    age: 'Asked',
    status: 'Decision',
    by: 'By',
    when: 'Decided',
  },
  pendingHint: 'The oldest stand first.',
  noTitle: 'Session',
  runOf: 'Run',
  empty: {
    title: 'Nothing waits for a person',
    text: 'When an agent or a function asks for an approval, an answer or a choice, the question appears here.',
    code: `import { Sessions } from "@pawl/sessions"

const sessions = new Sessions({ baseUrl: "http://localhost:8288" })
const session = await sessions.open({ key: "order-17", title: "Order 17" })
const request = await sessions.request(session.id, {
  key: "approve", kind: "approval", prompt: "Buy 40 shares?", arguments: { amount: 40 },
})
const decision = await sessions.waitForRequest(request.id)`,
    decided: 'Nothing has been decided yet',
    decidedText: 'Decisions stay here, with who made them and when.',
  },
} as const
