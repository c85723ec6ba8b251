// Reads the server's event streams, and comes again where a connection broke off.
import { ResponseError, UnexpectedResponse, WorkflowManagerError } from "./errors.js";
import { failure } from "./wire.js";
// The server sends a comment when there was nothing to tell for 15 seconds.
const SILENCE = 45_000;
// After the first two, which the server has a say in.  Together longer than a server takes that is
// started anew.
const PAUSES = [2000, 4000, 8000];
/** What the stream holds, over as many connections as it takes. */
export async function* follow(open, last, signal) {
    let retry = 1000;
    let pauses = [retry, retry, ...PAUSES];
    for (;;) {
        const watch = new Watch(signal);
        try {
            const response = await open(last, watch.signal);
            if (response.status === 204)
                return;
            const heard = () => {
                watch.heard();
                pauses = [retry, retry, ...PAUSES];
            };
            for await (const event of events(response, heard, (given) => (retry = given))) {
                last = event.id;
                yield event;
                if (event.name === "end")
                    return;
            }
        }
        catch (cause) {
            signal?.throwIfAborted();
            const error = cause instanceof WorkflowManagerError ? cause : failure(cause, SILENCE);
            const isFinal = error instanceof ResponseError && error.status < 500;
            if (isFinal || pauses.length === 0)
                throw error;
        }
        finally {
            watch.end();
        }
        await pause(pauses.shift() ?? 8000, signal);
    }
}
async function* events(response, heard, onRetry) {
    let fields = {};
    for await (const line of lines(response, heard)) {
        if (line !== "") {
            const [name = "", value = ""] = line.split(/: ?(.*)/s, 2);
            fields[name] = value;
            if (name === "retry")
                onRetry(Number(value));
        }
        else if (fields["data"] !== undefined) {
            const { id = "", event: name = "", data } = fields;
            fields = {};
            yield { id, name, data: parsed(response.status, data) };
        }
        else {
            fields = {};
        }
    }
}
async function* lines(response, heard) {
    if (response.body === null)
        return;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
        const { done, value } = await reader.read();
        if (done)
            return;
        const whole = (rest + value).split("\n");
        rest = whole.pop() ?? "";
        yield* whole;
        heard();
    }
}
function parsed(status, data) {
    try {
        return JSON.parse(data);
    }
    catch {
        throw new UnexpectedResponse(status, data, "the event is no JSON");
    }
}
/** Gives a connection up when it has been silent for too long, or when its reader wants no more. */
class Watch {
    #controller = new AbortController();
    #outer;
    #timer;
    constructor(outer) {
        outer?.throwIfAborted();
        this.#outer = outer;
        outer?.addEventListener("abort", this.#give);
        this.heard();
    }
    get signal() {
        return this.#controller.signal;
    }
    heard() {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#controller.abort(new DOMException("silent", "TimeoutError")), SILENCE);
    }
    end() {
        clearTimeout(this.#timer);
        this.#outer?.removeEventListener("abort", this.#give);
        this.#give();
    }
    #give = () => this.#controller.abort();
}
function pause(milliseconds, signal) {
    return new Promise((resume, reject) => {
        const stop = () => {
            clearTimeout(timer);
            reject(signal?.reason);
        };
        const timer = setTimeout(() => {
            signal?.removeEventListener("abort", stop);
            resume();
        }, milliseconds);
        signal?.addEventListener("abort", stop);
    });
}
