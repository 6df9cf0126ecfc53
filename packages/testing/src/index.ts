// The door of the simulator: one world from one seed, for whoever wants to see a server live through it.
export { DiskFolder } from './disk.ts'
export { runSeed, type SeedOptions, type SeedResult } from './run-seed.ts'
