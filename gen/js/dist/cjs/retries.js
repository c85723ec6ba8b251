"use strict";
// Which requests are sent again, how often, and after how long.
Object.defineProperty(exports, "__esModule", { value: true });
exports.Exponential = exports.Single = exports.None = void 0;
exports.pausesFor = pausesFor;
exports.None = { pauses: [] };
exports.Single = { pauses: [1000] };
exports.Exponential = { pauses: [100, 200, 400, 800, 1600], jitter: 0.05 };
function pausesFor({ method, headers }, policy) {
    if ((method === "POST" || method === "PATCH") && !headers.has("Idempotency-Key"))
        return [];
    const { pauses, jitter = 0 } = policy;
    return pauses.map((pause) => pause * (1 + jitter * (2 * Math.random() - 1)));
}
