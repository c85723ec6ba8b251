/**
 * The pauses, in milliseconds, before a request that was answered with a 5xx is sent again.
 *
 * Each is lengthened or shortened by up to the share `jitter`.  A request that was not answered is
 * never sent again, nor is a POST without an idempotency key: it would do a second thing.
 */
export interface RetryPolicy {
    readonly pauses: readonly number[];
    readonly jitter?: number;
}
export declare const None: RetryPolicy;
export declare const Single: RetryPolicy;
export declare const Exponential: RetryPolicy;
export declare function pausesFor({ method, headers }: Request, policy: RetryPolicy): number[];
