// The door to the network: how apps are called, how a step's own request is made, and which addresses are never called.
export { createHttpDriver } from './http-driver.ts'
export { createHttpGateway } from './http-gateway.ts'
export { BlockedAddressError, guardedLookup, type OutboundPolicy, refusedUrl } from './outbound-policy.ts'
