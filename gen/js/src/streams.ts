// Reads the server's event streams, and comes again where a connection broke off.

import { ResponseError, UnexpectedResponse, WorkflowManagerError } from "./errors.js";
import type { HistoryEvent, WorkflowSummary } from "./generated/types.gen.js";
import { failure } from "./wire.js";

/** One event of a stream; `id` is what to go on after.  A `gap` says that changes are missing. */
export type StreamEvent = { readonly id: string } & (
  | { readonly name: "history"; readonly data: HistoryEvent }
  | { readonly name: "workflow" | "end"; readonly data: WorkflowSummary }
  | { readonly name: "gap"; readonly data: { readonly message: string } }
);

export interface StreamOptions {
  /** Ends the stream: what waits for its next event is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/** Sends one request that goes on after `last`; its response's body is still to be read. */
export type Open = (last: string | undefined, signal: AbortSignal) => Promise<Response>;

// The server sends a comment when there was nothing to tell for 15 seconds.
const SILENCE = 45_000;

// After the first two, which the server has a say in.  Together longer than a server takes that is
// started anew.
const PAUSES: readonly number[] = [2000, 4000, 8000];

/** What the stream holds, over as many connections as it takes. */
export async function* follow(open: Open, last: string | undefined, signal?: AbortSignal): AsyncGenerator<StreamEvent> {
  let retry = 1000;
  let pauses = [retry, retry, ...PAUSES];
  for (;;) {
    const watch = new Watch(signal);
    try {
      const response = await open(last, watch.signal);
      if (response.status === 204) return;
      const heard = (): void => {
        watch.heard();
        pauses = [retry, retry, ...PAUSES];
      };
      for await (const event of events(response, heard, (given) => (retry = given))) {
        last = event.id;
        yield event;
        if (event.name === "end") return;
      }
    } catch (cause) {
      signal?.throwIfAborted();
      const error = cause instanceof WorkflowManagerError ? cause : failure(cause, SILENCE);
      const isFinal = error instanceof ResponseError && error.status < 500;
      if (isFinal || pauses.length === 0) throw error;
    } finally {
      watch.end();
    }
    await pause(pauses.shift() ?? 8000, signal);
  }
}

async function* events(
  response: Response,
  heard: () => void,
  onRetry: (milliseconds: number) => void,
): AsyncGenerator<StreamEvent> {
  let fields: Record<string, string> = {};
  for await (const line of lines(response, heard)) {
    if (line !== "") {
      const [name = "", value = ""] = line.split(/: ?(.*)/s, 2);
      fields[name] = value;
      if (name === "retry") onRetry(Number(value));
    } else if (fields["data"] !== undefined) {
      const { id = "", event: name = "", data } = fields;
      fields = {};
      yield { id, name, data: parsed(response.status, data) } as StreamEvent;
    } else {
      fields = {};
    }
  }
}

async function* lines(response: Response, heard: () => void): AsyncGenerator<string> {
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const whole = (rest + value).split("\n");
    rest = whole.pop() ?? "";
    yield* whole;
    heard();
  }
}

function parsed(status: number, data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw new UnexpectedResponse(status, data, "the event is no JSON");
  }
}

/** Gives a connection up when it has been silent for too long, or when its reader wants no more. */
class Watch {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(outer: AbortSignal | undefined) {
    outer?.throwIfAborted();
    this.#outer = outer;
    outer?.addEventListener("abort", this.#give);
    this.heard();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#controller.abort(new DOMException("silent", "TimeoutError")), SILENCE);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#give);
    this.#give();
  }

  readonly #give = (): void => this.#controller.abort();
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resume, reject) => {
    const stop = (): void => {
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
