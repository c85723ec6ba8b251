// Which requests are sent again, how often, and after how long.

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

export const None: RetryPolicy = { pauses: [] };
export const Single: RetryPolicy = { pauses: [1000] };
export const Exponential: RetryPolicy = { pauses: [100, 200, 400, 800, 1600], jitter: 0.05 };

export function pausesFor({ method, headers }: Request, policy: RetryPolicy): number[] {
  if ((method === "POST" || method === "PATCH") && !headers.has("Idempotency-Key")) return [];
  const { pauses, jitter = 0 } = policy;
  return pauses.map((pause) => pause * (1 + jitter * (2 * Math.random() - 1)));
}
