import * as Errors from "./errors.js";
export { WorkflowManager } from "./client.js";
export type { ActivityQuery, CallOptions, EventsQuery, HistoryQuery, StartOptions, WorkflowManagerOptions, WorkflowQuery, } from "./client.js";
export type { Activity, ActivityLoad, HistoryEvent, Job, JobAttempt, JobStatus, MapItems, NewStateResource, NewWorkflowDefinitionRequest, SlStateMachine, StartWorkflowRequest, StateResource, WorkerSeen, Workflow, WorkflowDefinition, WorkflowDefinitionOverrides, WorkflowDefinitionRef, WorkflowStatus, WorkflowSummary, } from "./generated/types.gen.js";
export { Pages } from "./paging.js";
export type { RetryPolicy } from "./retries.js";
export type { StreamEvent, StreamOptions } from "./streams.js";
export { VERSION } from "./version.js";
export { Errors };
export declare const RetryPolicies: {
    None: import("./retries.js").RetryPolicy;
    Single: import("./retries.js").RetryPolicy;
    Exponential: import("./retries.js").RetryPolicy;
};
