// A whole world from one seed: a server over a disk, an app, clients, the network between them, and the checks that watch
// every commit. First it lives with all the faults that its seed drew; then they are off and everything must come to rest.
import type { Group, Written } from '@pawl/storage'
import { AttemptLimits } from './attempt-limits.ts'
import type { BrokenGuard } from './broken-guards.ts'
import { CallCounts } from './call-counts.ts'
import { type ClientWorld, endPauses, operate, register } from './clients.ts'
import { Cluster } from './cluster.ts'
import { takeOver } from './commit-checks.ts'
import { commitLine } from './commit-lines.ts'
import { DiscoveryChecks } from './discovery-checks.ts'
import type { Disk } from './disk.ts'
import { FakeApp } from './fake-app.ts'
import { FileStore } from './file-store.ts'
import { checkEnd } from './final-checks.ts'
import { drawFunctions } from './functions.ts'
import { JobChecks } from './job-checks.ts'
import { Ledger } from './ledger.ts'
import { MatchChecks } from './match-checks.ts'
import { Mirror } from './mirror.ts'
import type { Seen } from './model/model-server.ts'
import { ModelStore } from './model-store.ts'
import { type Point, Points } from './points.ts'
import { Random } from './random.ts'
import { type AppEnd, Server } from './server.ts'
import { SessionChecks } from './session-checks.ts'
import { drawSettings, hasOneTime, type Settings } from './settings.ts'
import { simOutside } from './sim-driver.ts'
import { type SimFunction, slugOf } from './sim-function.ts'
import type { SimStore } from './sim-store.ts'
import { SlotChecks } from './slot-checks.ts'
import { StoreScan } from './store-scan.ts'
import { Trace } from './trace.ts'
import { TriggerChecks } from './trigger-checks.ts'
import type { Violation } from './violation.ts'
import { VirtualClock, WORLD_BEGIN } from './virtual-clock.ts'
import { WaitChecks } from './wait-checks.ts'
import { WindowChecks } from './window-checks.ts'

export interface WorldOptions {
  readonly seed: number
  readonly disk: Disk
  /** Keep every line of the trace. */
  readonly verbose?: boolean
  /** Breaks a guard of the database by hand: a world must find it out. */
  readonly brokenGuard?: BrokenGuard
  /** Changes what was drawn: a test may want more of one fault. */
  readonly adjust?: (drawn: Settings) => Settings
}

/** Events between two comparisons of the store with what was written. */
const SCAN_EVENTS = 100
/** Simulated time in which a world without faults must come to rest, in milliseconds. */
const REST_MS_MAX = 3_600_000
/** What is judged by comparing instants that several servers have told. */
const BY_INSTANTS: readonly string[] = ['EARLY', 'I9', 'I11']
/** Events of one world with one server, at most: more is a loop that goes nowhere. Each further server has some of its own. */
const EVENTS_MAX = 60_000
const EVENTS_MORE = 25_000

export class World {
  violation: Violation | null = null
  readonly trace: Trace
  readonly points: Points
  readonly mirror = new Mirror()
  readonly ledger: Ledger
  readonly settings: Settings
  readonly clock = new VirtualClock()
  readonly functions: readonly SimFunction[]
  readonly #options: WorldOptions
  readonly #random: Random
  readonly #cluster: Cluster
  readonly #store: SimStore
  readonly #app: FakeApp
  readonly #attempts = new AttemptLimits(this.mirror)
  readonly #waits: WaitChecks
  readonly #triggers: TriggerChecks
  readonly #matches: MatchChecks
  readonly #discoveries: DiscoveryChecks
  readonly #slots: SlotChecks
  readonly #windows: WindowChecks
  readonly #sessions: SessionChecks
  readonly #jobs: JobChecks
  readonly #counts: CallCounts
  readonly #scan: StoreScan
  #isFaulty = true
  #wallOffset = 0
  /** Operations of clients that are not over. */
  #busy = 0

  constructor(options: WorldOptions) {
    this.#options = options
    this.#random = new Random(options.seed)
    const drawn = drawSettings(this.#random)
    this.settings = options.adjust?.(drawn) ?? drawn
    this.trace = new Trace(() => this.clock.now, options.verbose === true)
    this.points = new Points(this.settings.planned)
    this.#discoveries = new DiscoveryChecks(this.mirror, this.#report)
    this.#slots = new SlotChecks(this.mirror, this.#report)
    this.#windows = new WindowChecks(this.mirror, this.#report)
    this.#sessions = new SessionChecks(this.mirror, this.#report)
    this.#jobs = new JobChecks(this.mirror, this.#report)
    this.#counts = new CallCounts(this.mirror, this.#report)
    this.ledger = new Ledger(this.mirror, { discoveries: this.#discoveries, slots: this.#slots }, this.#report)
    this.#waits = new WaitChecks(this.mirror, this.#report)
    this.#triggers = new TriggerChecks(this.mirror, this.#report)
    this.#matches = new MatchChecks(this.mirror, this.#waits, this.#report)
    this.#scan = new StoreScan(this.mirror, this.#report)
    const version = this.#random.pick([1, 2, 2])
    this.functions = drawFunctions(this.#random, version)
    this.#store = this.#makeStore()
    this.#cluster = this.#makeCluster()
    this.#app = this.#makeApp(version)
  }

  /** Lives until it is at rest, or a promise is broken. */
  async live(): Promise<void> {
    const { trace, settings } = this
    trace.add(`seed ${this.#options.seed}: ${settings.isHealthy ? 'no faults' : JSON.stringify(settings.rates)}`)
    trace.add(`${settings.servers} servers on ${settings.isModel ? 'the model' : 'a file'}`)
    trace.add(`functions ${this.functions.map((fn) => fn.id).join(', ')}`)
    this.#schedule()
    await this.#run(() => this.clock.now >= settings.busyMs + 1_000)
    if (this.violation !== null) return
    this.#isFaulty = false
    trace.add('faults are off')
    this.#track(endPauses(this.#clientWorld()))
    const until = this.clock.now + REST_MS_MAX
    await this.#run(() => this.#isAtRest() || this.clock.now > until)
    if (this.violation === null && !this.#isAtRest()) this.#report('I20', this.#unrest())
    if (this.violation === null) this.#checkEnd()
  }

  /** Closes what is open. */
  end(): Promise<void> {
    return this.#cluster.end()
  }

  #schedule(): void {
    const { settings, clock } = this
    const world = this.#clientWorld()
    const random = this.#random
    for (const server of this.#cluster.servers)
      clock.after(server.number === 1 ? 0 : random.between(0, 300), () => server.boot())
    clock.after(1, () => this.#track(register(world, Number.POSITIVE_INFINITY)))
    const later = () => random.between(100, settings.busyMs)
    for (let number = 0; number < settings.operations; number++)
      clock.after(later(), () => this.#track(operate(world, number)))
    for (let count = 0; count < settings.crashes; count++)
      clock.after(later(), () => this.#cluster.any().crash('by chance'))
    for (let count = 0; count < settings.pauses; count++) clock.after(later(), () => this.#cluster.any().pause())
    for (let count = 0; count < settings.restarts; count++)
      clock.after(later(), () => this.#store.restart(random.pick([0, 100, 3_000])))
    for (let count = 0; count < settings.clockSteps; count++) clock.after(later(), () => this.#stepWall())
  }

  #track(operation: Promise<void>): void {
    this.#busy += 1
    operation.then(
      () => {
        this.#busy -= 1
      },
      (error: unknown) => this.#report('APP', `a client is broken: ${error instanceof Error ? error.stack : error}`),
    )
  }

  #stepWall(): void {
    const ms = this.#random.pick([-90_000, -5_000, 5_000, 120_000])
    this.trace.add(`the wall clock is set by ${ms} ms`)
    this.#wallOffset += ms
  }

  async #run(isOver: () => boolean): Promise<void> {
    const { clock } = this
    const eventsMax = EVENTS_MAX + (this.settings.servers - 1) * EVENTS_MORE
    let nextScan = clock.popped + SCAN_EVENTS
    while (this.violation === null && !isOver()) {
      if (clock.popped > eventsMax) return this.#report('I20', `more than ${eventsMax} events; ${this.#unrest()}`)
      if (!(await clock.step())) return
      if (clock.popped < nextScan) continue
      nextScan = clock.popped + SCAN_EVENTS
      const view = this.#store.view()
      if (view !== null) this.#scan.scanLive(view)
    }
  }

  #isAtRest(): boolean {
    if (this.#busy > 0 || !this.#cluster.isListening) return false
    for (const { kind } of this.mirror.items.values()) if (kind !== 'cron' && kind !== 'job') return false
    for (const run of this.mirror.runs.values()) if (run.row.endedAt === null) return false
    return true
  }

  /** What is not over. */
  #unrest(): string {
    const items = [...this.mirror.items.values()].filter(({ kind }) => kind !== 'cron' && kind !== 'job')
    const live = [...this.mirror.runs.values()].filter((run) => run.row.endedAt === null)
    const runs = live.map(({ row }) => `${row.id} (${this.mirror.functions.get(row.fn)?.slug})`).slice(0, 5)
    const what = items
      .slice(0, 5)
      .map((item) => `${item.kind} ${item.key} of run ${item.run} is ${item.state}, due ${item.due}`)
    return `not at rest: ${live.length} runs: ${runs.join(', ')}; ${this.#busy} clients; items: ${what.join('; ')}`
  }

  #checkEnd(): void {
    const view = this.#store.view()
    if (view !== null) this.#scan.scanAll(view)
    const { mirror, ledger, functions } = this
    const { isHealthy } = this.settings
    this.#sessions.checkEnd()
    this.#jobs.checkEnd()
    const checks = { triggers: this.#triggers, windows: this.#windows, report: this.#report }
    checkEnd({ mirror, ledger, functions, isHealthy, ...checks })
  }

  readonly #report = (invariant: string, says: string): void => {
    if (this.violation !== null) return
    if (BY_INSTANTS.includes(invariant) && !hasOneTime(this.settings)) return
    this.violation = { invariant, says }
    this.trace.add(`BROKEN ${invariant}: ${says}`)
  }

  readonly #wall = (): number => Math.floor(WORLD_BEGIN + this.clock.now + this.#wallOffset)

  readonly #called = (server: Server, slug: string): void => {
    if (!this.#isFaulty) return
    const { stopsAtCall, hasPoison } = this.settings
    if (stopsAtCall.includes(this.ledger.calls)) server.stop()
    const [poison] = this.functions
    if (hasPoison && poison !== undefined && slug === slugOf(poison)) server.crash('its call is poison')
  }

  readonly #network = (): number => (this.#isFaulty ? this.settings.rates.network : 0)

  #committed(group: Group, written: Written, seen: Seen): void {
    for (const [index, write] of group.writes.entries()) this.trace.add(commitLine(write, written.results[index] ?? ''))
    takeOver(
      {
        attempts: this.#attempts,
        mirror: this.mirror,
        waits: this.#waits,
        triggers: this.#triggers,
        matches: this.#matches,
        discoveries: this.#discoveries,
        slots: this.#slots,
        windows: this.#windows,
        sessions: this.#sessions,
        jobs: this.#jobs,
        retryDelayMs: this.settings.retryDelayMs,
        claimsMax: this.settings.limits.claimsMax,
        report: this.#report,
      },
      group,
      { written, seen },
    )
  }

  #clientWorld(): ClientWorld {
    return {
      clock: this.clock,
      random: this.#random,
      server: () => this.#cluster,
      app: () => this.#app,
      mirror: this.mirror,
      ledger: this.ledger,
      jobs: this.#jobs,
      counts: this.#counts,
      settings: this.settings,
      report: this.#report,
      trace: (line) => this.trace.add(line),
      wall: this.#wall,
      functions: this.functions,
    }
  }

  #makeApp(version: number): FakeApp {
    const faultRate = () => (this.#isFaulty ? this.settings.rates.app : 0)
    const isBusy = () => this.#isFaulty
    return new FakeApp({ ...this.#clientWorld(), waits: this.#waits, faultRate, isBusy }, this.functions, version)
  }

  #makeStore(): SimStore {
    const { clock, settings, mirror, points } = this
    const { disk, brokenGuard } = this.#options
    const random = this.#random
    const trace = (line: string) => this.trace.add(line)
    const weather = {
      random,
      trace,
      note: (point: Point) => points.note(point),
      rates: () => (this.#isFaulty ? settings.rates : { storage: 0, noAnswer: 0 }),
      clones: settings.clones,
    }
    if (!settings.isModel) {
      const seen = () => ({ whenRead: mirror.seq, whenWritten: mirror.seq })
      const committed = (group: Group, written: Written) => this.#committed(group, written, seen())
      return new FileStore({
        disk,
        random,
        brokenGuard,
        monotonic: () => clock.now,
        weather: { ...weather, delayMsMax: settings.storageMsMax, committed },
        opened: (now) => mirror.voidLeases(now),
      })
    }
    return new ModelStore({
      clock,
      random,
      brokenGuard,
      weather,
      report: this.#report,
      wall: this.#wall,
      delayMsMax: settings.storageMsMax,
      leaseMs: settings.limits.leaseMs,
      seq: () => mirror.seq,
      committed: (group, written, seen) => this.#committed(group, written, seen),
      released: (items) => {
        trace(`leases end: ${items.map((item) => `${item.key}.${item.epoch}`).join(', ')}`)
        mirror.release(items)
      },
    })
  }

  #makeCluster(): Cluster {
    const { clock, settings, points } = this
    const random = this.#random
    const trace = (line: string) => this.trace.add(line)
    const shared = { clock, random, trace, network: this.#network, report: this.#report }
    const outside = {
      ...shared,
      ledger: this.ledger,
      counts: this.#counts,
      jobs: this.#jobs,
      callsMax: settings.callsMax,
      app: () => this.#app,
    }
    const world = {
      ...shared,
      settings,
      points,
      store: this.#store,
      isFaulty: () => this.#isFaulty,
      wall: this.#wall,
      called: this.#called,
      outside: (end: AppEnd) => simOutside(outside, end),
    }
    const servers = Array.from({ length: settings.servers }, (_, index) => new Server(world, index + 1))
    return new Cluster(shared, servers)
  }
}
