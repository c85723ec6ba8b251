import { ConnectionFailed } from "./errors.js";
import { type RetryPolicy } from "./retries.js";
export interface WireOptions {
    readonly fetch: typeof fetch;
    /** Milliseconds for one request, its answer's body included. */
    readonly timeout: number;
    readonly retryPolicy: RetryPolicy;
}
export declare function wire(options: WireOptions): typeof fetch;
/** A fetch that leaves the body of a success to be read piece by piece. */
export declare function streamWire(fetch: typeof globalThis.fetch, signal: AbortSignal): typeof globalThis.fetch;
/** What went wrong on the way, in this package's words. */
export declare function failure(cause: unknown, timeout: number): ConnectionFailed;
