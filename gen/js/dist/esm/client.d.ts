import type { Activity, Backfill, BackfillRequest, CancelReason, GetActivitiesData, GetSchedulesData, GetWebhookDeliveriesData, GetWorkflowHistoryData, GetWorkflowsData, HistoryEvent, NewStateResource, NewWorkflowDefinitionRequest, Schedule, ScheduleRequest, ScheduleTimes, StartWorkflowRequest, StateResource, StreamEventsData, Webhook, WebhookDelivery, WebhookRequest, Workflow, WorkflowDefinition, WorkflowDefinitionOverrides } from "./generated/types.gen.js";
import { Pages } from "./paging.js";
import { type RetryPolicy } from "./retries.js";
import { type StreamEvent, type StreamOptions } from "./streams.js";
export interface CallOptions {
    /** Milliseconds for one request, its answer's body included; 5000 unless given. */
    timeout?: number;
    /** `RetryPolicies.Single` unless given. */
    retryPolicy?: RetryPolicy;
}
export interface StartOptions extends CallOptions {
    /** The same request with the same key again gives the workflow that it started the first time. */
    idempotencyKey?: string;
}
export interface WorkflowManagerOptions extends CallOptions {
    /** Where the server listens, such as `http://127.0.0.1:8080`. */
    address: string;
    /** One of the server's keys, when it has any. */
    apiKey?: string;
    /** Used instead of the global one. */
    fetch?: typeof fetch;
}
/** Which workflows to find; all that is given has to match. */
export type WorkflowQuery = GetWorkflowsData["query"];
/** Which events of a workflow to find. */
export type HistoryQuery = {
    workflowID: string;
} & NonNullable<GetWorkflowHistoryData["query"]>;
/** Which schedules to list. */
export type ScheduleQuery = NonNullable<GetSchedulesData["query"]>;
/** Which deliveries of a webhook to find. */
export type DeliveryQuery = {
    webhookID: string;
} & NonNullable<GetWebhookDeliveriesData["query"]>;
/** Which changes to be told of; all that is given has to match. */
export type EventsQuery = {
    lastEventID?: string;
} & NonNullable<StreamEventsData["query"]>;
/** Which activities to find. */
export type ActivityQuery = NonNullable<GetActivitiesData["query"]>;
/** A server of workflow-manager, and what it can be asked to do.  Every method rejects with a WorkflowManagerError. */
export declare class WorkflowManager {
    #private;
    constructor(options: WorkflowManagerOptions);
    /** Resolves when the server is alive. */
    healthCheck(options?: CallOptions): Promise<void>;
    /** Resolves when the server can do its work; UnexpectedResponse with status 503 when it cannot. */
    readinessCheck(options?: CallOptions): Promise<void>;
    /** The server's meters, in Prometheus' text format. */
    getMetrics(options?: CallOptions): Promise<string>;
    /** The latest version of every definition, sorted by name. */
    getWorkflowDefinitions(options?: CallOptions): Promise<WorkflowDefinition[]>;
    /** Version 0 of a new name; Conflict when there is one of that name. */
    newWorkflowDefinition(definition: NewWorkflowDefinitionRequest, options?: CallOptions): Promise<WorkflowDefinition>;
    /** The newest version, as a list of one; all of them, oldest first, when `latest` is false. */
    getWorkflowDefinitionVersionsByName({ name, latest }: {
        name: string;
        latest?: boolean;
    }, options?: CallOptions): Promise<WorkflowDefinition[]>;
    /** The next version of a definition. */
    updateWorkflowDefinition({ name, NewWorkflowDefinitionRequest: body }: {
        name: string;
        NewWorkflowDefinitionRequest: NewWorkflowDefinitionRequest;
    }, options?: CallOptions): Promise<WorkflowDefinition>;
    getWorkflowDefinitionByNameAndVersion({ name, version }: {
        name: string;
        version: number;
    }, options?: CallOptions): Promise<WorkflowDefinition>;
    /** Starts a new workflow.  Version -1 is the latest; **no version is version 0**. */
    startWorkflow(request: StartWorkflowRequest, { idempotencyKey, ...options }?: StartOptions): Promise<Workflow>;
    /** One page of the workflows of a definition, newest first, unless `oldestFirst`. */
    getWorkflows(query: WorkflowQuery, options?: CallOptions): Promise<Workflow[]>;
    /** All workflows of a definition, asked for page by page as they are taken. */
    getWorkflowsIter(query: WorkflowQuery, options?: CallOptions): Pages<Workflow>;
    /** The workflow, brought up to date; with all its jobs when `fetchHistory`. */
    getWorkflowByID({ workflowID, fetchHistory }: {
        workflowID: string;
        fetchHistory?: boolean;
    }, options?: CallOptions): Promise<Workflow>;
    /**
     * One page of the events of the workflow's execution, oldest first, unless `newestFirst`.  Besides the
     * members of all events, one has its details, such as `taskFailedEventDetails`.
     */
    getWorkflowHistory({ workflowID, ...query }: HistoryQuery, options?: CallOptions): Promise<HistoryEvent[]>;
    /** All events of the workflow's execution, asked for page by page as they are taken. */
    getWorkflowHistoryIter({ workflowID, ...query }: HistoryQuery, options?: CallOptions): Pages<HistoryEvent>;
    /**
     * The workflow's history as it grows, and at last an event named `end`.  Begins after `lastEventID`, or at
     * the beginning.  A stream that breaks off is taken up where it was.
     */
    streamWorkflowEvents({ workflowID, lastEventID }: {
        workflowID: string;
        lastEventID?: string;
    }, options?: StreamOptions): AsyncGenerator<StreamEvent>;
    /**
     * Each change of a workflow's status, from now on or after `lastEventID`; has no end.  A stream that breaks
     * off is taken up where it was; an event named `gap` says that this was too late.
     */
    streamEvents({ lastEventID, ...query }?: EventsQuery, options?: StreamOptions): AsyncGenerator<StreamEvent>;
    /** A new workflow that goes on at a state of an ended one, with the input which that state had. */
    resumeWorkflowByID({ workflowID, overrides }: {
        workflowID: string;
        overrides: WorkflowDefinitionOverrides;
    }, options?: CallOptions): Promise<Workflow>;
    /** Stops the workflow; BadRequest when it has succeeded or failed. */
    CancelWorkflow({ workflowID, reason }: {
        workflowID: string;
        reason: CancelReason;
    }, options?: CallOptions): Promise<void>;
    /** Marks the workflow as dealt with; Conflict when it is already. */
    resolveWorkflowByID(workflowID: string, options?: CallOptions): Promise<void>;
    /** One page of the activities, sorted by name, with their queues and workers where known. */
    getActivities(query?: ActivityQuery, options?: CallOptions): Promise<Activity[]>;
    /** All activities, asked for page by page as they are taken. */
    getActivitiesIter(query?: ActivityQuery, options?: CallOptions): Pages<Activity>;
    /** The resource as stored, in place of one of the same name and namespace. */
    postStateResource(resource: NewStateResource, options?: CallOptions): Promise<StateResource>;
    getStateResource({ namespace, name }: {
        namespace: string;
        name: string;
    }, options?: CallOptions): Promise<StateResource>;
    /** The resource as stored; its name and namespace have to be those given beside it. */
    putStateResource({ namespace, name, NewStateResource: body }: {
        namespace: string;
        name: string;
        NewStateResource: NewStateResource;
    }, options?: CallOptions): Promise<StateResource>;
    deleteStateResource({ namespace, name }: {
        namespace: string;
        name: string;
    }, options?: CallOptions): Promise<void>;
    /** One page of the schedules, by name. */
    getSchedules(query?: ScheduleQuery, options?: CallOptions): Promise<Schedule[]>;
    /** All schedules, asked for page by page as they are taken. */
    getSchedulesIter(query?: ScheduleQuery, options?: CallOptions): Pages<Schedule>;
    /** The schedule as stored; Conflict when there is one of that name. */
    newSchedule(schedule: ScheduleRequest, options?: CallOptions): Promise<Schedule>;
    getSchedule(name: string, options?: CallOptions): Promise<Schedule>;
    /** The schedule of that name, created or changed to be as given. */
    applySchedule({ name, schedule }: {
        name: string;
        schedule: ScheduleRequest;
    }, options?: CallOptions): Promise<Schedule>;
    /** What it has started goes on. */
    deleteSchedule(name: string, options?: CallOptions): Promise<void>;
    /** It fires no more until it is resumed. */
    pauseSchedule({ name, reason }: {
        name: string;
        reason?: string;
    }, options?: CallOptions): Promise<Schedule>;
    /** It goes on with its next time. */
    resumeSchedule(name: string, options?: CallOptions): Promise<Schedule>;
    /** How many of the schedule's times in a range, both ends in it, will be submitted. */
    backfillSchedule({ name, ...body }: {
        name: string;
    } & BackfillRequest, options?: CallOptions): Promise<Backfill>;
    /** When it fires next, were it not paused. */
    getScheduleTimes({ name, limit }: {
        name: string;
        limit?: number;
    }, options?: CallOptions): Promise<ScheduleTimes>;
    /** All webhooks, the oldest first. */
    getWebhooks(options?: CallOptions): Promise<Webhook[]>;
    /** The webhook as stored, with its `secret`, which is shown only here. */
    newWebhook(webhook: WebhookRequest, options?: CallOptions): Promise<Webhook>;
    getWebhook(webhookID: string, options?: CallOptions): Promise<Webhook>;
    /** The webhook as stored; without a secret it keeps the one it has. */
    updateWebhook({ webhookID, webhook }: {
        webhookID: string;
        webhook: WebhookRequest;
    }, options?: CallOptions): Promise<Webhook>;
    /** Its deliveries go with it. */
    deleteWebhook(webhookID: string, options?: CallOptions): Promise<void>;
    enableWebhook(webhookID: string, options?: CallOptions): Promise<Webhook>;
    /** Nothing is sent to it until it is enabled. */
    disableWebhook({ webhookID, reason }: {
        webhookID: string;
        reason?: string;
    }, options?: CallOptions): Promise<Webhook>;
    /** One page of what was delivered, waits or was given up, the latest first. */
    getWebhookDeliveries({ webhookID, ...query }: DeliveryQuery, options?: CallOptions): Promise<WebhookDelivery[]>;
    /** All deliveries of a webhook, asked for page by page as they are taken. */
    getWebhookDeliveriesIter({ webhookID, ...query }: DeliveryQuery, options?: CallOptions): Pages<WebhookDelivery>;
    /** Delivers it once more, with the same message id; Conflict while its webhook is disabled. */
    redeliverWebhookDelivery({ webhookID, deliveryID }: {
        webhookID: string;
        deliveryID: string;
    }, options?: CallOptions): Promise<WebhookDelivery>;
}
