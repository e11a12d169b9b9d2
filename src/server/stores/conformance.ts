/**
 * The conformance suite of the store interfaces (`types.ts`), for every driver: each level is a function that declares its
 * tests with node:test. Not part of the running server. `test/server/stores/sqlite.test.ts` shows its use.
 */
export { basicLevel } from './conformance/basic.ts';
export { durabilityLevel } from './conformance/durability.ts';
export { expiryLevel } from './conformance/expiry.ts';
export type { StoreDriver, StoreUnderTest } from './conformance/fixtures.ts';
export { isolationLevel } from './conformance/isolation.ts';
export { singleUseLevel } from './conformance/single-use.ts';
export { transferLevel } from './conformance/transfer.ts';
