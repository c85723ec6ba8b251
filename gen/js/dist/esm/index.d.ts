import * as Errors from "./errors.js";
export { WorkflowManager } from "./client.js";
export type { CallOptions, DeliveryQuery, HistoryQuery, ScheduleQuery, StartOptions, WorkflowManagerOptions, WorkflowQuery, } from "./client.js";
export type { BackfillRequest, CatchUp, DeliveryStatus, EndStatus, HistoryEvent, Job, JobAttempt, JobStatus, MapItems, NewStateResource, NewWorkflowDefinitionRequest, Overlap, Schedule, ScheduledDefinition, ScheduleRequest, ScheduleRun, SlStateMachine, StartWorkflowRequest, StateResource, Webhook, WebhookDelivery, WebhookRequest, Workflow, WorkflowDefinition, WorkflowDefinitionOverrides, WorkflowDefinitionRef, WorkflowStatus, } from "./generated/types.gen.js";
export { Pages } from "./paging.js";
export type { RetryPolicy } from "./retries.js";
export { VERSION } from "./version.js";
export { Errors };
export declare const RetryPolicies: {
    None: import("./retries.js").RetryPolicy;
    Single: import("./retries.js").RetryPolicy;
    Exponential: import("./retries.js").RetryPolicy;
};
