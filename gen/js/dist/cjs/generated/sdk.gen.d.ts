import type { Client, Options as Options2, TDataShape } from './client/index.js';
import type { ApplyScheduleData, ApplyScheduleErrors, ApplyScheduleResponses, BackfillScheduleData, BackfillScheduleErrors, BackfillScheduleResponses, CancelWorkflowData, CancelWorkflowErrors, CancelWorkflowResponses, DeleteScheduleData, DeleteScheduleErrors, DeleteScheduleResponses, DeleteStateResourceData, DeleteStateResourceErrors, DeleteStateResourceResponses, DeleteWebhookData, DeleteWebhookErrors, DeleteWebhookResponses, DisableWebhookData, DisableWebhookErrors, DisableWebhookResponses, EnableWebhookData, EnableWebhookErrors, EnableWebhookResponses, GetActivitiesData, GetActivitiesErrors, GetActivitiesResponses, GetMetricsData, GetMetricsErrors, GetMetricsResponses, GetScheduleData, GetScheduleErrors, GetScheduleResponses, GetSchedulesData, GetSchedulesErrors, GetSchedulesResponses, GetScheduleTimesData, GetScheduleTimesErrors, GetScheduleTimesResponses, GetStateResourceData, GetStateResourceErrors, GetStateResourceResponses, GetWebhookData, GetWebhookDeliveriesData, GetWebhookDeliveriesErrors, GetWebhookDeliveriesResponses, GetWebhookErrors, GetWebhookResponses, GetWebhooksData, GetWebhooksErrors, GetWebhooksResponses, GetWorkflowByIdData, GetWorkflowByIdErrors, GetWorkflowByIdResponses, GetWorkflowDefinitionByNameAndVersionData, GetWorkflowDefinitionByNameAndVersionErrors, GetWorkflowDefinitionByNameAndVersionResponses, GetWorkflowDefinitionsData, GetWorkflowDefinitionsErrors, GetWorkflowDefinitionsResponses, GetWorkflowDefinitionVersionsByNameData, GetWorkflowDefinitionVersionsByNameErrors, GetWorkflowDefinitionVersionsByNameResponses, GetWorkflowHistoryData, GetWorkflowHistoryErrors, GetWorkflowHistoryResponses, GetWorkflowsData, GetWorkflowsErrors, GetWorkflowsResponses, HealthCheckData, HealthCheckErrors, HealthCheckResponses, NewScheduleData, NewScheduleErrors, NewScheduleResponses, NewWebhookData, NewWebhookErrors, NewWebhookResponses, NewWorkflowDefinitionData, NewWorkflowDefinitionErrors, NewWorkflowDefinitionResponses, PauseScheduleData, PauseScheduleErrors, PauseScheduleResponses, PostStateResourceData, PostStateResourceErrors, PostStateResourceResponses, PutStateResourceData, PutStateResourceErrors, PutStateResourceResponses, ReadinessCheckData, ReadinessCheckErrors, ReadinessCheckResponses, RedeliverWebhookDeliveryData, RedeliverWebhookDeliveryErrors, RedeliverWebhookDeliveryResponses, ResolveWorkflowByIdData, ResolveWorkflowByIdErrors, ResolveWorkflowByIdResponses, ResumeScheduleData, ResumeScheduleErrors, ResumeScheduleResponses, ResumeWorkflowByIdData, ResumeWorkflowByIdErrors, ResumeWorkflowByIdResponses, StartWorkflowData, StartWorkflowErrors, StartWorkflowResponses, StreamEventsData, StreamEventsErrors, StreamEventsResponse, StreamEventsResponses, StreamWorkflowEventsData, StreamWorkflowEventsErrors, StreamWorkflowEventsResponse, StreamWorkflowEventsResponses, UpdateWebhookData, UpdateWebhookErrors, UpdateWebhookResponses, UpdateWorkflowDefinitionData, UpdateWorkflowDefinitionErrors, UpdateWorkflowDefinitionResponses } from './types.gen.js';
export type Options<TData extends TDataShape = TDataShape, ThrowOnError extends boolean = boolean, TResponse = unknown> = Options2<TData, ThrowOnError, TResponse> & {
    /**
     * You can provide a client instance returned by `createClient()` instead of
     * individual options. This might be also useful if you want to implement a
     * custom client.
     */
    client?: Client;
    /**
     * You can pass arbitrary values through the `meta` object. This can be
     * used to access values that aren't defined as part of the SDK function.
     */
    meta?: Record<string, unknown>;
};
/**
 * Is the server alive?
 *
 * Touches nothing that the server depends on. `/_ready` also asks the store and the engine.
 */
export declare const healthCheck: <ThrowOnError extends boolean = false>(options?: Options<HealthCheckData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<HealthCheckResponses, HealthCheckErrors, ThrowOnError, "fields">;
/**
 * Can the server do its work?
 *
 * Asks the store and the engine, or the services in their places.
 */
export declare const readinessCheck: <ThrowOnError extends boolean = false>(options?: Options<ReadinessCheckData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<ReadinessCheckResponses, ReadinessCheckErrors, ThrowOnError, "fields">;
/**
 * Meters of this server
 *
 * In the text format of Prometheus.
 */
export declare const getMetrics: <ThrowOnError extends boolean = false>(options?: Options<GetMetricsData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<GetMetricsResponses, GetMetricsErrors, ThrowOnError, "fields">;
/**
 * The latest version of every definition
 *
 * Sorted by name, not paged.
 */
export declare const getWorkflowDefinitions: <ThrowOnError extends boolean = false>(options?: Options<GetWorkflowDefinitionsData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<GetWorkflowDefinitionsResponses, GetWorkflowDefinitionsErrors, ThrowOnError, "fields">;
/**
 * Create a definition
 *
 * Makes version 0 of a new name. `name` and `stateMachine` are needed; `version` is ignored.
 * The state machine is checked as a whole and the message lists what is wrong with it.
 *
 */
export declare const newWorkflowDefinition: <ThrowOnError extends boolean = false>(options: Options<NewWorkflowDefinitionData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<NewWorkflowDefinitionResponses, NewWorkflowDefinitionErrors, ThrowOnError, "fields">;
/**
 * The versions of a definition
 */
export declare const getWorkflowDefinitionVersionsByName: <ThrowOnError extends boolean = false>(options: Options<GetWorkflowDefinitionVersionsByNameData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<GetWorkflowDefinitionVersionsByNameResponses, GetWorkflowDefinitionVersionsByNameErrors, ThrowOnError, "fields">;
/**
 * Add a version to a definition
 *
 * Makes the next version; nothing is inherited from the one before. The name in the body has to
 * be the one in the path. An identical state machine makes a new version too.
 *
 */
export declare const updateWorkflowDefinition: <ThrowOnError extends boolean = false>(options: Options<UpdateWorkflowDefinitionData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<UpdateWorkflowDefinitionResponses, UpdateWorkflowDefinitionErrors, ThrowOnError, "fields">;
/**
 * One version of a definition
 */
export declare const getWorkflowDefinitionByNameAndVersion: <ThrowOnError extends boolean = false>(options: Options<GetWorkflowDefinitionByNameAndVersionData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<GetWorkflowDefinitionByNameAndVersionResponses, GetWorkflowDefinitionByNameAndVersionErrors, ThrowOnError, "fields">;
/**
 * Find workflows of a definition
 *
 * Newest first, unless `oldestFirst`. When there are more, the header `X-Next-Page-Path` holds the
 * path and query of the next page; no workflow is lost or repeated while others are being added.
 * All filters have to match.
 *
 */
export declare const getWorkflows: <ThrowOnError extends boolean = false>(options: Options<GetWorkflowsData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<GetWorkflowsResponses, GetWorkflowsErrors, ThrowOnError, "fields">;
/**
 * Start a workflow
 *
 * Runs a version of a definition on an input. Each call starts a new workflow, unless it carries an
 * `Idempotency-Key` that was used before. When it is answered, the workflow is stored and its
 * execution has started.
 *
 */
export declare const startWorkflow: <ThrowOnError extends boolean = false>(options: Options<StartWorkflowData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<StartWorkflowResponses, StartWorkflowErrors, ThrowOnError, "fields">;
/**
 * Cancel a workflow
 *
 * Stops the execution. The status becomes `cancelled` soon after. A workflow that has succeeded or
 * failed cannot be cancelled (400); cancelling a cancelled one changes nothing.
 *
 */
export declare const cancelWorkflow: <ThrowOnError extends boolean = false>(options: Options<CancelWorkflowData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<CancelWorkflowResponses, CancelWorkflowErrors, ThrowOnError, "fields">;
/**
 * One workflow
 *
 * Its status is brought up to date first, unless it has ended.
 */
export declare const getWorkflowById: <ThrowOnError extends boolean = false>(options: Options<GetWorkflowByIdData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<GetWorkflowByIdResponses, GetWorkflowByIdErrors, ThrowOnError, "fields">;
/**
 * Resume an ended workflow
 *
 * Starts a new workflow at one of the states of an ended one, with the input that state had. Only
 * what can be reached from there is run. The new workflow's `retryFor` is the old one's id, and
 * the old one lists the new one in `retries`.
 *
 */
export declare const resumeWorkflowById: <ThrowOnError extends boolean = false>(options: Options<ResumeWorkflowByIdData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<ResumeWorkflowByIdResponses, ResumeWorkflowByIdErrors, ThrowOnError, "fields">;
/**
 * What happened in a workflow's execution
 *
 * The events of its execution as Step Functions tells them. When there are more, the header
 * `X-Next-Page-Path` holds the path and query of the next page.
 *
 */
export declare const getWorkflowHistory: <ThrowOnError extends boolean = false>(options: Options<GetWorkflowHistoryData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<GetWorkflowHistoryResponses, GetWorkflowHistoryErrors, ThrowOnError, "fields">;
/**
 * A workflow's history as it grows
 *
 * Server-sent events. Each event of the execution's history is one named `history`, whose data is a
 * `HistoryEvent` and whose id is the number in the history. When the execution has ended, one named
 * `end` follows, whose data is a `WorkflowSummary`, and the stream is over. Nothing is lost, however
 * long a reader with a `Last-Event-ID` was away. A silent stream carries a comment every 15 seconds.
 *
 */
export declare const streamWorkflowEvents: <ThrowOnError extends boolean = false>(options: Options<StreamWorkflowEventsData, ThrowOnError, StreamWorkflowEventsResponse>) => Promise<import("./core/serverSentEvents.gen.js").ServerSentEventsResult<StreamWorkflowEventsResponses, StreamWorkflowEventsErrors>>;
/**
 * Every change of a workflow's status
 *
 * Server-sent events, from now on or from `Last-Event-ID`. Each change is an event named `workflow`,
 * whose data is a `WorkflowSummary`. One named `gap` says that changes are missing, and that the list
 * has to be read: the server remembers the last 10 000, and none of those before it was started.
 *
 */
export declare const streamEvents: <ThrowOnError extends boolean = false>(options?: Options<StreamEventsData, ThrowOnError, StreamEventsResponse>) => Promise<import("./core/serverSentEvents.gen.js").ServerSentEventsResult<StreamEventsResponses, StreamEventsErrors>>;
/**
 * Mark a workflow as dealt with
 *
 * In any status. There is no body.
 */
export declare const resolveWorkflowById: <ThrowOnError extends boolean = false>(options: Options<ResolveWorkflowByIdData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<ResolveWorkflowByIdResponses, ResolveWorkflowByIdErrors, ThrowOnError, "fields">;
/**
 * The activities, their queues and their workers
 *
 * Sorted by name. When there are more, the header `X-Next-Page-Path` holds the path and query of
 * the next page. Where state machines run on AWS, `load` is absent: AWS does not tell what waits
 * for an activity and who works for it.
 *
 */
export declare const getActivities: <ThrowOnError extends boolean = false>(options?: Options<GetActivitiesData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<GetActivitiesResponses, GetActivitiesErrors, ThrowOnError, "fields">;
/**
 * Store a state resource
 *
 * Replaces one of the same name and namespace. Both are needed.
 */
export declare const postStateResource: <ThrowOnError extends boolean = false>(options: Options<PostStateResourceData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<PostStateResourceResponses, PostStateResourceErrors, ThrowOnError, "fields">;
/**
 * Remove a state resource
 */
export declare const deleteStateResource: <ThrowOnError extends boolean = false>(options: Options<DeleteStateResourceData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<DeleteStateResourceResponses, DeleteStateResourceErrors, ThrowOnError, "fields">;
/**
 * One state resource
 */
export declare const getStateResource: <ThrowOnError extends boolean = false>(options: Options<GetStateResourceData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<GetStateResourceResponses, GetStateResourceErrors, ThrowOnError, "fields">;
/**
 * Store a state resource under its path
 *
 * Name and namespace in the body have to be those of the path.
 */
export declare const putStateResource: <ThrowOnError extends boolean = false>(options: Options<PutStateResourceData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<PutStateResourceResponses, PutStateResourceErrors, ThrowOnError, "fields">;
/**
 * The schedules, by name
 */
export declare const getSchedules: <ThrowOnError extends boolean = false>(options?: Options<GetSchedulesData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<GetSchedulesResponses, GetSchedulesErrors, ThrowOnError, "fields">;
/**
 * Create a schedule
 *
 * It fires from now on; for times in the past there is the backfill.
 */
export declare const newSchedule: <ThrowOnError extends boolean = false>(options: Options<NewScheduleData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<NewScheduleResponses, NewScheduleErrors, ThrowOnError, "fields">;
/**
 * Delete a schedule
 *
 * What it has started goes on.
 */
export declare const deleteSchedule: <ThrowOnError extends boolean = false>(options: Options<DeleteScheduleData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<DeleteScheduleResponses, DeleteScheduleErrors, ThrowOnError, "fields">;
/**
 * One schedule, with its latest runs
 */
export declare const getSchedule: <ThrowOnError extends boolean = false>(options: Options<GetScheduleData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<GetScheduleResponses, GetScheduleErrors, ThrowOnError, "fields">;
/**
 * Create a schedule, or change it
 *
 * The whole of it is given. What had come by now under the old one is still submitted, once. Without
 * `paused` it stays as it is, paused or not.
 *
 */
export declare const applySchedule: <ThrowOnError extends boolean = false>(options: Options<ApplyScheduleData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<ApplyScheduleResponses, ApplyScheduleErrors, ThrowOnError, "fields">;
/**
 * Let a schedule fire no more until it is resumed
 */
export declare const pauseSchedule: <ThrowOnError extends boolean = false>(options: Options<PauseScheduleData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<PauseScheduleResponses, PauseScheduleErrors, ThrowOnError, "fields">;
/**
 * Let a paused schedule go on with its next time
 */
export declare const resumeSchedule: <ThrowOnError extends boolean = false>(options: Options<ResumeScheduleData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<ResumeScheduleResponses, ResumeScheduleErrors, ThrowOnError, "fields">;
/**
 * Submit the times of a range in the past
 *
 * Both ends are in it. At most 1000 times at once. A time that was submitted before is not submitted
 * a second time.
 *
 */
export declare const backfillSchedule: <ThrowOnError extends boolean = false>(options: Options<BackfillScheduleData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<BackfillScheduleResponses, BackfillScheduleErrors, ThrowOnError, "fields">;
/**
 * When a schedule fires next, were it not paused
 */
export declare const getScheduleTimes: <ThrowOnError extends boolean = false>(options: Options<GetScheduleTimesData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<GetScheduleTimesResponses, GetScheduleTimesErrors, ThrowOnError, "fields">;
/**
 * The webhooks, the oldest first
 */
export declare const getWebhooks: <ThrowOnError extends boolean = false>(options?: Options<GetWebhooksData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<GetWebhooksResponses, GetWebhooksErrors, ThrowOnError, "fields">;
/**
 * Create a webhook
 *
 * Every end from now on that it wants is told to it: at least once, always with the same `webhook-id`,
 * signed as Standard Webhooks says. The answer holds its secret, which is not shown again.
 *
 */
export declare const newWebhook: <ThrowOnError extends boolean = false>(options: Options<NewWebhookData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<NewWebhookResponses, NewWebhookErrors, ThrowOnError, "fields">;
/**
 * Delete a webhook, and its deliveries with it
 */
export declare const deleteWebhook: <ThrowOnError extends boolean = false>(options: Options<DeleteWebhookData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<DeleteWebhookResponses, DeleteWebhookErrors, ThrowOnError, "fields">;
/**
 * One webhook
 */
export declare const getWebhook: <ThrowOnError extends boolean = false>(options: Options<GetWebhookData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<GetWebhookResponses, GetWebhookErrors, ThrowOnError, "fields">;
/**
 * Change a webhook
 *
 * The whole of it is given; only without `secret` it keeps the one it has.
 */
export declare const updateWebhook: <ThrowOnError extends boolean = false>(options: Options<UpdateWebhookData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<UpdateWebhookResponses, UpdateWebhookErrors, ThrowOnError, "fields">;
/**
 * Use a disabled webhook again
 *
 * What was waiting is delivered; ends that came while it was disabled are not.
 */
export declare const enableWebhook: <ThrowOnError extends boolean = false>(options: Options<EnableWebhookData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<EnableWebhookResponses, EnableWebhookErrors, ThrowOnError, "fields">;
/**
 * Send nothing to a webhook until it is enabled
 */
export declare const disableWebhook: <ThrowOnError extends boolean = false>(options: Options<DisableWebhookData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<DisableWebhookResponses, DisableWebhookErrors, ThrowOnError, "fields">;
/**
 * What was delivered, what waits, and what was given up, the latest first
 *
 * Delivered ones are shown for a week, dead ones for a month.
 */
export declare const getWebhookDeliveries: <ThrowOnError extends boolean = false>(options: Options<GetWebhookDeliveriesData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<GetWebhookDeliveriesResponses, GetWebhookDeliveriesErrors, ThrowOnError, "fields">;
/**
 * Deliver once more, with the same `webhook-id`
 */
export declare const redeliverWebhookDelivery: <ThrowOnError extends boolean = false>(options: Options<RedeliverWebhookDeliveryData, ThrowOnError>) => import("./client/types.gen.js").RequestResult<RedeliverWebhookDeliveryResponses, RedeliverWebhookDeliveryErrors, ThrowOnError, "fields">;
