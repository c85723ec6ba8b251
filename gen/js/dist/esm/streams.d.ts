import type { HistoryEvent, WorkflowSummary } from "./generated/types.gen.js";
/** One event of a stream; `id` is what to go on after.  A `gap` says that changes are missing. */
export type StreamEvent = {
    readonly id: string;
} & ({
    readonly name: "history";
    readonly data: HistoryEvent;
} | {
    readonly name: "workflow" | "end";
    readonly data: WorkflowSummary;
} | {
    readonly name: "gap";
    readonly data: {
        readonly message: string;
    };
});
export interface StreamOptions {
    /** Ends the stream: what waits for its next event is rejected with the signal's reason. */
    signal?: AbortSignal;
}
/** Sends one request that goes on after `last`; its response's body is still to be read. */
export type Open = (last: string | undefined, signal: AbortSignal) => Promise<Response>;
/** What the stream holds, over as many connections as it takes. */
export declare function follow(open: Open, last: string | undefined, signal?: AbortSignal): AsyncGenerator<StreamEvent>;
