import * as Errors from "./errors.js";
export { WorkflowManager } from "./client.js";
export type { ActivityQuery, CallOptions, DeliveryQuery, EventsQuery, HistoryQuery, ScheduleQuery, StartOptions, WorkflowManagerOptions, WorkflowQuery, } from "./client.js";
export type { Activity, ActivityLoad, BackfillRequest, CatchUp, DeliveryStatus, EndStatus, HistoryEvent, Job, JobAttempt, JobStatus, MapItems, NewStateResource, NewWorkflowDefinitionRequest, Overlap, Schedule, ScheduledDefinition, ScheduleRequest, ScheduleRun, SlStateMachine, StartWorkflowRequest, StateResource, Webhook, WebhookDelivery, WebhookRequest, WorkerSeen, Workflow, WorkflowDefinition, WorkflowDefinitionOverrides, WorkflowDefinitionRef, WorkflowStatus, WorkflowSummary, } from "./generated/types.gen.js";
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
