// Which requests are sent again, how often, and after how long.
export const None = { pauses: [] };
export const Single = { pauses: [1000] };
export const Exponential = { pauses: [100, 200, 400, 800, 1600], jitter: 0.05 };
export function pausesFor({ method, headers }, policy) {
    if ((method === "POST" || method === "PATCH") && !headers.has("Idempotency-Key"))
        return [];
    const { pauses, jitter = 0 } = policy;
    return pauses.map((pause) => pause * (1 + jitter * (2 * Math.random() - 1)));
}
