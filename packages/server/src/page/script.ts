// What the start page does: asks the public API every few seconds and puts the answers in as text. Served as a file of
// its own, since the page's policy allows no inline script; whatever comes from apps and events never becomes markup.

export const PAGE_SCRIPT = String.raw`const POLL_MS = 3000
const byId = (id) => document.getElementById(id)
const WORDS = { QUEUED: 'idle', RUNNING: 'busy', COMPLETED: 'ok', FAILED: 'bad', CANCELLED: 'idle', SKIPPED: 'idle' }
let key = ''

function element(name, attributes, ...children) {
  const made = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value)
  made.append(...children)
  return made
}

async function ask(path) {
  const headers = key === '' ? {} : { authorization: 'Bearer ' + key }
  const answer = await fetch(path, { headers, cache: 'no-store' })
  if (answer.status === 401) throw new Error('unauthorized')
  if (!answer.ok) throw new Error(path + ' answered ' + answer.status)
  return answer.json()
}

function table(heads, rows) {
  const head = element('tr', {}, ...heads.map((text) => element('th', { scope: 'col' }, text)))
  const body = rows.map((cells) => element('tr', {}, ...cells.map((cell) => element('td', {}, cell))))
  return element('div', { class: 'scroll' }, element('table', {}, element('thead', {}, head), element('tbody', {}, ...body)))
}

function status(word, kind) {
  return element('span', { class: 'status ' + kind }, word)
}

function reachability(app) {
  if (app.unreachableSince) return status('unreachable since ' + new Date(app.unreachableSince).toLocaleTimeString(), 'bad')
  const sync = app.latestSync ?? {}
  if (sync.status === 'error') return status(sync.error ?? 'sync failed', 'bad')
  return sync.status === 'pending' ? status('not synced yet', 'idle') : status('reachable', 'ok')
}

function triggers(fn) {
  return (fn.triggers ?? []).map((trigger) => trigger.value).join(', ') || 'invoke only'
}

function state(fn) {
  if (fn.warning) return status(fn.warning, 'bad')
  return fn.isPaused ? status('paused since ' + moment(fn.pause.since), 'idle') : ''
}

function drawExample(name) {
  const address = location.origin + '/e/dev'
  const event = JSON.stringify({ name, data: { id: 1 } }).replaceAll("'", "'\\''")
  byId('curl').textContent = 'curl -X POST ' + address + " \\\n  -H 'content-type: application/json' \\\n  -d '" + event + "'"
}

async function drawApps() {
  const apps = (await ask('/v2/apps?limit=100')).data ?? []
  const events = []
  const cards = await Promise.all(apps.map(async (app) => {
    const functions = (await ask('/v2/apps/' + encodeURIComponent(app.id) + '/functions?limit=100')).data ?? []
    for (const fn of functions) for (const trigger of fn.triggers ?? []) if (trigger.type === 'EVENT') events.push(trigger.value)
    const title = element('h3', {}, app.name, reachability(app))
    const url = element('p', { class: 'hint id' }, app.latestSync?.url ?? '')
    const rows = functions.map((fn) => [fn.name, element('span', { class: 'id' }, triggers(fn)), state(fn)])
    return element('div', { class: 'app' }, title, url, rows.length === 0 ? element('p', { class: 'hint' }, 'No functions.') : table(['Function', 'Triggers', ''], rows))
  }))
  drawExample(events.find((name) => !/[*]|^inngest[/]/.test(name)) ?? 'shop/order.created')
  const none = element('p', { class: 'hint' }, 'No app has registered yet. Start one with the SDK and INNGEST_DEV=' + location.origin + ', or sync it by its URL.')
  byId('apps').replaceChildren(...(cards.length === 0 ? [none] : cards))
}

function moment(text) {
  const at = new Date(text)
  return at.toDateString() === new Date().toDateString() ? at.toLocaleTimeString() : at.toLocaleString()
}

function duration(run) {
  if (run.durationMs === undefined) return ''
  const ms = Number(run.durationMs)
  return ms < 1000 ? ms + ' ms' : (ms / 1000).toFixed(1) + ' s'
}

async function drawRuns() {
  const runs = (await ask('/v2/runs?limit=15')).data ?? []
  const rows = runs.map((run) => [
    status(run.status.toLowerCase(), WORDS[run.status] ?? 'idle'),
    run.function.name,
    run.trigger.eventName ?? '',
    element('span', { class: 'close' }, moment(run.queuedAt)),
    element('span', { class: 'close' }, duration(run)),
    element('a', { class: 'id', href: '/v2/runs/' + run.id + '/trace?includeOutput=true' }, run.id),
  ])
  const none = element('p', { class: 'hint' }, 'No runs yet. Send an event that a function listens to.')
  byId('runs').replaceChildren(rows.length === 0 ? none : table(['Status', 'Function', 'Event', 'Queued', 'Took', 'Run'], rows))
}

async function draw() {
  try {
    await Promise.all([drawApps(), drawRuns()])
    byId('state').textContent = 'running'
    byId('sign-in').hidden = true
  } catch (error) {
    const locked = error.message === 'unauthorized'
    byId('state').textContent = locked ? 'signing key needed' : 'not answering'
    byId('sign-in').hidden = !locked
    if (locked) for (const id of ['apps', 'runs']) byId(id).replaceChildren(element('p', { class: 'hint' }, 'Shown with a signing key.'))
  }
}

async function loop() {
  if (document.visibilityState === 'visible') await draw()
  setTimeout(loop, POLL_MS)
}

drawExample('shop/order.created')
byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault()
  key = byId('key').value.trim()
  byId('key').value = ''
  void draw()
})
void loop()
`
