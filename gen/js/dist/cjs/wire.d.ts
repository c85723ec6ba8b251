import { type RetryPolicy } from "./retries.js";
export interface WireOptions {
    readonly fetch: typeof fetch;
    /** Milliseconds for one request, its answer's body included. */
    readonly timeout: number;
    readonly retryPolicy: RetryPolicy;
}
export declare function wire(options: WireOptions): typeof fetch;
