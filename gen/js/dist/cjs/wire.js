"use strict";
// A fetch that sends again what may be sent again, and lets only successes through.
Object.defineProperty(exports, "__esModule", { value: true });
exports.wire = wire;
exports.streamWire = streamWire;
exports.failure = failure;
const errors_js_1 = require("./errors.js");
const retries_js_1 = require("./retries.js");
function wire(options) {
    return async (input, init) => {
        const request = new Request(input, init);
        let answer = await send(request.clone(), options);
        for (const pause of (0, retries_js_1.pausesFor)(request, options.retryPolicy)) {
            if (answer.response.status < 500)
                break;
            await new Promise((resume) => setTimeout(resume, pause));
            answer = await send(request.clone(), options);
        }
        const { response, text } = answer;
        if (!response.ok)
            throw (0, errors_js_1.errorFor)(response.status, text);
        // The body has been read; whoever asked reads it from this one.
        const body = response.status === 204 || response.status === 205 ? null : text;
        return new Response(body, { status: response.status, headers: response.headers });
    };
}
async function send(request, { fetch, timeout }) {
    try {
        const response = await fetch(request, { signal: AbortSignal.timeout(timeout) });
        return { response, text: await response.text() };
    }
    catch (cause) {
        throw failure(cause, timeout);
    }
}
/** A fetch that leaves the body of a success to be read piece by piece. */
function streamWire(fetch, signal) {
    return async (input, init) => {
        const response = await fetch(new Request(input, init), { signal });
        if (!response.ok)
            throw (0, errors_js_1.errorFor)(response.status, await response.text());
        return response;
    };
}
/** What went wrong on the way, in this package's words. */
function failure(cause, timeout) {
    if (cause instanceof Error && cause.name === "TimeoutError") {
        return new errors_js_1.TimedOut(`no answer in ${timeout} ms`, { cause });
    }
    return new errors_js_1.ConnectionFailed(reason(cause), { cause });
}
/** fetch itself only says "fetch failed"; what happened is in its cause. */
function reason(error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return cause instanceof Error ? cause.message || cause.name : String(cause);
}
