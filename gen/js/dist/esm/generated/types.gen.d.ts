export type ClientOptions = {
    baseUrl: `${string}://${string}` | (string & {});
};
export type NewWorkflowDefinitionRequest = {
    /**
     * Needed, and not empty
     */
    name?: string | null;
    /**
     * Ignored; the server counts
     */
    version?: number | null;
    manager?: Manager;
    /**
     * Needed
     */
    stateMachine?: SlStateMachine | null;
    /**
     * Strings; tags of every workflow of this definition
     */
    defaultTags?: {
        [key: string]: unknown;
    } | null;
};
/**
 * One immutable version of a named state machine
 */
export type WorkflowDefinition = {
    createdAt: string;
    defaultTags?: {
        [key: string]: unknown;
    };
    /**
     * Another one for every version
     */
    id?: string;
    manager?: Manager;
    name?: string;
    stateMachine?: SlStateMachine;
    /**
     * Counted from 0; absent means 0
     */
    version?: number;
};
export type WorkflowDefinitionRef = {
    name: string;
    /**
     * Negative for the latest version. **Absent means version 0**, the first one, not the latest.
     *
     */
    version?: number | null;
};
export type Manager = 'step-functions';
/**
 * A state machine in the Amazon States Language. It is kept whole, with every member it has. As the
 * `Resource` of a Task, a short name stands for the activity of that name in the workflow's
 * namespace, `lambda:NAME` for a function, `glue:NAME` for a job; ARNs are left as they are.
 *
 */
export type SlStateMachine = {
    [key: string]: unknown;
};
export type StartWorkflowRequest = {
    workflowDefinition: WorkflowDefinitionRef;
    /**
     * The JSON text of an object; empty for `{}`
     */
    input?: string | null;
    /**
     * Part of the names of all activities and functions
     */
    namespace?: string | null;
    /**
     * Kept with the workflow; empty for `default`
     */
    queue?: string | null;
    /**
     * Strings, laid over the definition's default tags
     */
    tags?: {
        [key: string]: unknown;
    } | null;
    /**
     * Ignored
     */
    idSuffix?: string | null;
};
export type WorkflowSummary = {
    createdAt: string;
    id?: string;
    /**
     * JSON text, as it was given
     */
    input?: string;
    lastJob?: Job;
    lastUpdated: string;
    namespace?: string;
    queue?: string;
    resolvedByUser?: boolean;
    /**
     * Ids of the workflows that resumed this one, oldest first
     */
    retries: Array<string>;
    /**
     * Id of the workflow that this one resumes
     */
    retryFor?: string;
    status?: WorkflowStatus;
    stoppedAt: string;
    tags?: {
        [key: string]: unknown;
    };
    workflowDefinition?: WorkflowDefinition;
};
/**
 * A run of a definition
 */
export type Workflow = WorkflowSummary & {
    jobs?: Array<Job>;
    /**
     * JSON text; only of a workflow that succeeded
     */
    output?: string;
    statusReason?: string;
};
export type WorkflowStatus = 'queued' | 'running' | 'failed' | 'succeeded' | 'cancelled';
/**
 * One visit of one state
 */
export type Job = {
    /**
     * Earlier attempts of this visit, oldest first
     */
    attempts: Array<JobAttempt>;
    /**
     * In a branch of a Parallel, the number of the branch, from 0
     */
    branch?: number;
    /**
     * Name of the worker that has it
     */
    container?: string;
    createdAt: string;
    id?: string;
    /**
     * JSON text
     */
    input?: string;
    /**
     * In an inline Map, the index of the item, from 0
     */
    mapIndex?: number;
    mapItems?: MapItems;
    name?: string;
    /**
     * JSON text
     */
    output?: string;
    /**
     * Id of the job of the Parallel or Map that the state is in
     */
    parent?: string;
    queue?: string;
    startedAt: string;
    /**
     * Name of the state
     */
    state?: string;
    stateResource?: StateResource;
    /**
     * Type of the state, such as `Task`
     */
    stateType?: string;
    status?: JobStatus;
    statusReason?: string;
    stoppedAt: string;
};
export type JobAttempt = {
    containerInstanceARN?: string;
    createdAt: string;
    exitCode?: number;
    reason?: string;
    startedAt: string;
    stoppedAt: string;
    /**
     * Name of the worker that had it
     */
    taskARN?: string;
};
/**
 * One event of an execution, as GetExecutionHistory returns it: besides these members, one with the
 * details, which is named for the type, such as `activityFailedEventDetails`.
 *
 */
export type HistoryEvent = {
    id: number;
    /**
     * Id of the event that led to this one; 0 for none
     */
    previousEventId?: number;
    timestamp: string;
    type: string;
    [key: string]: unknown;
};
/**
 * How far an inline Map has come; items in none of the other numbers are still to begin
 */
export type MapItems = {
    failed: number;
    running: number;
    succeeded: number;
    total: number;
};
export type JobStatus = 'created' | 'queued' | 'waiting_for_deps' | 'running' | 'succeeded' | 'failed' | 'aborted_deps_failed' | 'aborted_by_user';
export type StateResource = {
    lastUpdated: string;
    name?: string;
    namespace?: string;
    type?: StateResourceType;
    uri?: string;
};
export type StateResourceType = 'JobDefinitionARN' | 'ActivityARN' | 'LambdaFunctionARN' | 'TaskARN';
export type Activity = {
    /**
     * That of the namespace, `--`, and the name that definitions give as `Resource`
     */
    name: string;
    activityArn: string;
    createdAt: string;
    load?: ActivityLoad;
};
/**
 * What waits, what runs and who works, now. Zeros are written here.
 */
export type ActivityLoad = {
    /**
     * Tasks that no worker has taken yet
     */
    waiting: number;
    /**
     * When the task that is next in line was scheduled; absent when nothing waits
     */
    waitingSince?: string;
    /**
     * Tasks that workers hold
     */
    running: number;
    /**
     * Workers that ask for a task now
     */
    pollers: number;
    /**
     * Those heard of in the last ten minutes, and those that hold tasks, by name. After a restart
     * of the server, a worker is known again when it asks for a task.
     *
     */
    workers: Array<WorkerSeen>;
};
export type WorkerSeen = {
    /**
     * As it calls itself; empty when it does not
     */
    name: string;
    /**
     * When it last asked for a task, or told of one
     */
    lastSeen: string;
    /**
     * How many it holds
     */
    tasks: number;
};
export type NewStateResource = {
    /**
     * Needed, and not empty
     */
    name?: string | null;
    /**
     * Needed, and not empty
     */
    namespace?: string | null;
    uri?: string | null;
};
export type CancelReason = {
    reason?: string | null;
};
export type WorkflowDefinitionOverrides = {
    /**
     * Name of the state to go on at
     */
    StartAt?: string | null;
};
export type BadRequest = {
    message?: string;
};
export type NotFound = {
    message?: string;
};
export type Conflict = {
    message?: string;
};
export type InternalError = {
    message?: string;
};
/**
 * Either `cron` or `everySeconds`
 */
export type ScheduleRequest = {
    /**
     * Needed where it is not in the path; letters, digits and `_ . : -`
     */
    name?: string | null;
    /**
     * Minute, hour, day of month, month, day of week, as Debian's cron has them: lists, ranges, steps,
     * names, `L` for a month's last day, `MON#2` for its second Monday; or `@daily` and the like
     *
     */
    cron?: string | null;
    /**
     * Counted from `startAt`, else from its creation
     */
    everySeconds?: number | null;
    /**
     * Of IANA's database, such as `Europe/Berlin`; `UTC` if absent
     */
    timeZone?: string | null;
    /**
     * No time before it counts
     */
    startAt?: string | null;
    /**
     * No time after it counts
     */
    endAt?: string | null;
    /**
     * It fires later by a part of this, which is the same every time
     */
    jitterSeconds?: number | null;
    overlap?: Overlap;
    catchUp?: CatchUp;
    /**
     * How many are made up for at most; 100 if absent
     */
    catchUpLimit?: number | null;
    workflowDefinition: ScheduledDefinition;
    /**
     * The JSON text of an object; empty for `{}`
     */
    input?: string | null;
    namespace?: string | null;
    queue?: string | null;
    /**
     * Strings, laid over the definition's default tags
     */
    tags?: {
        [key: string]: unknown;
    } | null;
    description?: string | null;
    paused?: boolean | null;
};
export type ScheduledDefinition = {
    name: string;
    /**
     * Absent or negative for the latest at each time
     */
    version?: number | null;
};
/**
 * What becomes of a time while a workflow of the schedule is running: both run (`allow`), it is left
 * out (`skip`, which is what it means if absent), one waits and others are left out (`bufferOne`), all
 * wait (`queue`), or the one that runs is cancelled (`cancelRunning`)
 *
 */
export type Overlap = 'allow' | 'skip' | 'bufferOne' | 'queue' | 'cancelRunning';
/**
 * What is made up for of the times that came while no server ran: nothing, the latest (which is what it
 * means if absent), or all up to `catchUpLimit`. A time that is seen within a minute was not missed.
 *
 */
export type CatchUp = 'none' | 'latest' | 'all';
export type Schedule = {
    name: string;
    /**
     * Another one after it was deleted and made anew
     */
    id: string;
    /**
     * Counts its changes, from 1
     */
    version: number;
    cron?: string;
    everySeconds?: number;
    timeZone: string;
    startAt?: string;
    endAt?: string;
    jitterSeconds?: number;
    overlap: Overlap;
    catchUp: CatchUp;
    catchUpLimit: number;
    workflowDefinition: ScheduledDefinition;
    input?: string;
    namespace?: string;
    queue?: string;
    tags?: {
        [key: string]: unknown;
    };
    description?: string;
    paused?: boolean;
    pauseReason?: string;
    createdAt: string;
    updatedAt: string;
    /**
     * The zero date when there is none
     */
    nextAt: string;
    /**
     * Times that have come and are not started yet
     */
    waiting?: number;
    /**
     * Why the one that waits could not be started so far
     */
    lastError?: string;
    /**
     * What became of the latest times, the latest first
     */
    runs: Array<ScheduleRun>;
};
export type ScheduleRun = {
    at: string;
    outcome: 'started' | 'skipped' | 'missed' | 'failed';
    workflowID?: string;
    reason?: string;
};
export type BackfillRequest = {
    startAt: string;
    /**
     * Not in the future
     */
    endAt: string;
    /**
     * Instead of the schedule's own; `queue` if absent
     */
    overlap?: Overlap;
};
export type Backfill = {
    /**
     * How many will be submitted
     */
    times: number;
};
export type ScheduleTimes = {
    times: Array<string>;
};
export type ReasonRequest = {
    reason?: string | null;
};
/**
 * Of what is given besides the address, all must hold for an end to be told
 */
export type WebhookRequest = {
    /**
     * An http or https address; private ones only if the server allows them
     */
    url: string;
    description?: string | null;
    /**
     * Ends to be told; absent or empty for all
     */
    statuses?: Array<EndStatus> | null;
    workflowDefinitionName?: string | null;
    namespace?: string | null;
    /**
     * Strings; workflows that have all of them
     */
    tags?: {
        [key: string]: unknown;
    } | null;
    /**
     * `whsec_` and the base64 of 24 to 64 bytes; drawn if absent
     */
    secret?: string | null;
};
export type EndStatus = 'succeeded' | 'failed' | 'cancelled';
export type Webhook = {
    id: string;
    url: string;
    description?: string;
    statuses: Array<EndStatus>;
    workflowDefinitionName?: string;
    namespace?: string;
    tags?: {
        [key: string]: unknown;
    };
    disabled?: boolean;
    disabledReason?: string;
    /**
     * The first failed attempt after the last success; the zero date when there is none
     */
    failingSince: string;
    createdAt: string;
    updatedAt: string;
    /**
     * Only in the answer that creates it
     */
    secret?: string;
};
export type DeliveryStatus = 'pending' | 'delivered' | 'dead';
export type WebhookDelivery = {
    id: string;
    /**
     * The `webhook-id` of every attempt
     */
    messageID: string;
    type: string;
    workflowID: string;
    status: DeliveryStatus;
    attempts?: number;
    lastAttemptAt: string;
    /**
     * HTTP status of the last answer, if there was one
     */
    lastStatus?: number;
    lastError?: string;
    createdAt: string;
};
/**
 * The definition's name; a `/` in it is written `%2F`
 */
export type DefinitionName = string;
export type WorkflowId = string;
/**
 * The schedule's name
 */
export type ScheduleName = string;
export type WebhookId = string;
/**
 * Out of the `X-Next-Page-Path` of the page before
 */
export type PageToken = string;
export type Schedule2 = ScheduleRequest;
export type Reason = ReasonRequest;
export type Webhook2 = WebhookRequest;
export type NewWorkflowDefinition = NewWorkflowDefinitionRequest;
export type NewStateResource2 = NewStateResource;
export type HealthCheckData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/_health';
};
export type HealthCheckErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type HealthCheckError = HealthCheckErrors[keyof HealthCheckErrors];
export type HealthCheckResponses = {
    /**
     * Alive; the body is empty
     */
    200: unknown;
};
export type ReadinessCheckData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/_ready';
};
export type ReadinessCheckErrors = {
    /**
     * Something the server depends on does not answer; the message says what
     */
    503: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type ReadinessCheckError = ReadinessCheckErrors[keyof ReadinessCheckErrors];
export type ReadinessCheckResponses = {
    /**
     * Both answer; the body is empty
     */
    200: unknown;
};
export type GetMetricsData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/metrics';
};
export type GetMetricsErrors = {
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type GetMetricsError = GetMetricsErrors[keyof GetMetricsErrors];
export type GetMetricsResponses = {
    /**
     * Every meter with its value
     */
    200: string;
};
export type GetMetricsResponse = GetMetricsResponses[keyof GetMetricsResponses];
export type GetWorkflowDefinitionsData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/workflow-definitions';
};
export type GetWorkflowDefinitionsErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type GetWorkflowDefinitionsError = GetWorkflowDefinitionsErrors[keyof GetWorkflowDefinitionsErrors];
export type GetWorkflowDefinitionsResponses = {
    /**
     * The latest versions
     */
    200: Array<WorkflowDefinition>;
};
export type GetWorkflowDefinitionsResponse = GetWorkflowDefinitionsResponses[keyof GetWorkflowDefinitionsResponses];
export type NewWorkflowDefinitionData = {
    body: NewWorkflowDefinition;
    path?: never;
    query?: never;
    url: '/workflow-definitions';
};
export type NewWorkflowDefinitionErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * It exists already, was changed by someone else, or is already so
     */
    409: Conflict;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type NewWorkflowDefinitionError = NewWorkflowDefinitionErrors[keyof NewWorkflowDefinitionErrors];
export type NewWorkflowDefinitionResponses = {
    /**
     * The definition as stored
     */
    201: WorkflowDefinition;
};
export type NewWorkflowDefinitionResponse = NewWorkflowDefinitionResponses[keyof NewWorkflowDefinitionResponses];
export type GetWorkflowDefinitionVersionsByNameData = {
    body?: never;
    path: {
        /**
         * The definition's name; a `/` in it is written `%2F`
         */
        name: string;
    };
    query?: {
        /**
         * Only the newest version (a list of one), instead of all of them, oldest first
         */
        latest?: boolean;
    };
    url: '/workflow-definitions/{name}';
};
export type GetWorkflowDefinitionVersionsByNameErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type GetWorkflowDefinitionVersionsByNameError = GetWorkflowDefinitionVersionsByNameErrors[keyof GetWorkflowDefinitionVersionsByNameErrors];
export type GetWorkflowDefinitionVersionsByNameResponses = {
    /**
     * Always a list
     */
    200: Array<WorkflowDefinition>;
};
export type GetWorkflowDefinitionVersionsByNameResponse = GetWorkflowDefinitionVersionsByNameResponses[keyof GetWorkflowDefinitionVersionsByNameResponses];
export type UpdateWorkflowDefinitionData = {
    /**
     * A request without one is answered as one without a name is
     */
    body?: NewWorkflowDefinitionRequest;
    path: {
        /**
         * The definition's name; a `/` in it is written `%2F`
         */
        name: string;
    };
    query?: never;
    url: '/workflow-definitions/{name}';
};
export type UpdateWorkflowDefinitionErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * It exists already, was changed by someone else, or is already so
     */
    409: Conflict;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type UpdateWorkflowDefinitionError = UpdateWorkflowDefinitionErrors[keyof UpdateWorkflowDefinitionErrors];
export type UpdateWorkflowDefinitionResponses = {
    /**
     * The new version as stored
     */
    201: WorkflowDefinition;
};
export type UpdateWorkflowDefinitionResponse = UpdateWorkflowDefinitionResponses[keyof UpdateWorkflowDefinitionResponses];
export type GetWorkflowDefinitionByNameAndVersionData = {
    body?: never;
    path: {
        /**
         * The definition's name; a `/` in it is written `%2F`
         */
        name: string;
        /**
         * An integer from 0
         */
        version: string;
    };
    query?: never;
    url: '/workflow-definitions/{name}/{version}';
};
export type GetWorkflowDefinitionByNameAndVersionErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type GetWorkflowDefinitionByNameAndVersionError = GetWorkflowDefinitionByNameAndVersionErrors[keyof GetWorkflowDefinitionByNameAndVersionErrors];
export type GetWorkflowDefinitionByNameAndVersionResponses = {
    /**
     * That version
     */
    200: WorkflowDefinition;
};
export type GetWorkflowDefinitionByNameAndVersionResponse = GetWorkflowDefinitionByNameAndVersionResponses[keyof GetWorkflowDefinitionByNameAndVersionResponses];
export type GetWorkflowsData = {
    body?: never;
    path?: never;
    query: {
        /**
         * How many to return; 0 stands for the default
         */
        limit?: number;
        oldestFirst?: boolean;
        /**
         * From `X-Next-Page-Path`; opaque. Unix milliseconds are taken as well.
         */
        pageToken?: string;
        /**
         * Only workflows in this status; empty for any
         */
        status?: WorkflowStatus;
        /**
         * Only workflows that are, or that are not, resolved
         */
        resolvedByUser?: boolean;
        /**
         * Leave out jobs, output and status reason; of the definition only name and version
         */
        summaryOnly?: boolean;
        workflowDefinitionName: string;
        /**
         * Only workflows in this namespace
         */
        namespace?: string;
        /**
         * Only workflows with this tag, written `key=value`; may be given several times
         */
        tag?: Array<string>;
        /**
         * Only workflows created later than this
         */
        createdAfter?: string;
        /**
         * Only workflows created earlier than this
         */
        createdBefore?: string;
    };
    url: '/workflows';
};
export type GetWorkflowsErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type GetWorkflowsError = GetWorkflowsErrors[keyof GetWorkflowsErrors];
export type GetWorkflowsResponses = {
    /**
     * A page of workflows
     */
    200: Array<Workflow>;
};
export type GetWorkflowsResponse = GetWorkflowsResponses[keyof GetWorkflowsResponses];
export type StartWorkflowData = {
    body: StartWorkflowRequest;
    headers?: {
        /**
         * Of the caller's choice. The same request with the same key again gives the workflow that it
         * started the first time, for as long as that is kept; another request with that key is refused.
         *
         */
        'Idempotency-Key'?: string;
    };
    path?: never;
    query?: never;
    url: '/workflows';
};
export type StartWorkflowErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type StartWorkflowError = StartWorkflowErrors[keyof StartWorkflowErrors];
export type StartWorkflowResponses = {
    /**
     * The workflow, queued
     */
    200: Workflow;
};
export type StartWorkflowResponse = StartWorkflowResponses[keyof StartWorkflowResponses];
export type CancelWorkflowData = {
    body: CancelReason;
    path: {
        workflowID: string;
    };
    query?: never;
    url: '/workflows/{workflowID}';
};
export type CancelWorkflowErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type CancelWorkflowError = CancelWorkflowErrors[keyof CancelWorkflowErrors];
export type CancelWorkflowResponses = {
    /**
     * Cancelled; the body is empty
     */
    200: unknown;
};
export type GetWorkflowByIdData = {
    body?: never;
    path: {
        workflowID: string;
    };
    query?: {
        /**
         * Rebuild the jobs from the execution's history
         */
        fetchHistory?: boolean;
    };
    url: '/workflows/{workflowID}';
};
export type GetWorkflowByIdErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type GetWorkflowByIdError = GetWorkflowByIdErrors[keyof GetWorkflowByIdErrors];
export type GetWorkflowByIdResponses = {
    /**
     * The workflow
     */
    200: Workflow;
};
export type GetWorkflowByIdResponse = GetWorkflowByIdResponses[keyof GetWorkflowByIdResponses];
export type ResumeWorkflowByIdData = {
    body: WorkflowDefinitionOverrides;
    path: {
        workflowID: string;
    };
    query?: never;
    url: '/workflows/{workflowID}';
};
export type ResumeWorkflowByIdErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type ResumeWorkflowByIdError = ResumeWorkflowByIdErrors[keyof ResumeWorkflowByIdErrors];
export type ResumeWorkflowByIdResponses = {
    /**
     * The new workflow
     */
    200: Workflow;
};
export type ResumeWorkflowByIdResponse = ResumeWorkflowByIdResponses[keyof ResumeWorkflowByIdResponses];
export type GetWorkflowHistoryData = {
    body?: never;
    path: {
        workflowID: string;
    };
    query?: {
        /**
         * How many to return; 0 stands for the default
         */
        limit?: number;
        newestFirst?: boolean;
        /**
         * From `X-Next-Page-Path`; opaque
         */
        pageToken?: string;
    };
    url: '/workflows/{workflowID}/history';
};
export type GetWorkflowHistoryErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type GetWorkflowHistoryError = GetWorkflowHistoryErrors[keyof GetWorkflowHistoryErrors];
export type GetWorkflowHistoryResponses = {
    /**
     * A page of events
     */
    200: Array<HistoryEvent>;
};
export type GetWorkflowHistoryResponse = GetWorkflowHistoryResponses[keyof GetWorkflowHistoryResponses];
export type StreamWorkflowEventsData = {
    body?: never;
    headers?: {
        /**
         * Goes on after the event with this number; without it, from the first
         */
        'Last-Event-ID'?: string;
    };
    path: {
        workflowID: string;
    };
    query?: never;
    url: '/workflows/{workflowID}/events';
};
export type StreamWorkflowEventsErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type StreamWorkflowEventsError = StreamWorkflowEventsErrors[keyof StreamWorkflowEventsErrors];
export type StreamWorkflowEventsResponses = {
    /**
     * The stream
     */
    200: string;
    /**
     * The reader has seen the end; browsers do not come again
     */
    204: void;
};
export type StreamWorkflowEventsResponse = StreamWorkflowEventsResponses[keyof StreamWorkflowEventsResponses];
export type StreamEventsData = {
    body?: never;
    headers?: {
        /**
         * Goes on after this event; without it, with what happens from now on
         */
        'Last-Event-ID'?: string;
    };
    path?: never;
    query?: {
        /**
         * Only workflows in this namespace
         */
        namespace?: string;
        /**
         * Only workflows of this definition
         */
        workflowDefinitionName?: string;
    };
    url: '/events';
};
export type StreamEventsErrors = {
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type StreamEventsError = StreamEventsErrors[keyof StreamEventsErrors];
export type StreamEventsResponses = {
    /**
     * The stream
     */
    200: string;
};
export type StreamEventsResponse = StreamEventsResponses[keyof StreamEventsResponses];
export type ResolveWorkflowByIdData = {
    body?: never;
    path: {
        workflowID: string;
    };
    query?: never;
    url: '/workflows/{workflowID}/resolved';
};
export type ResolveWorkflowByIdErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * It exists already, was changed by someone else, or is already so
     */
    409: Conflict;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type ResolveWorkflowByIdError = ResolveWorkflowByIdErrors[keyof ResolveWorkflowByIdErrors];
export type ResolveWorkflowByIdResponses = {
    /**
     * Resolved; the body is empty
     */
    201: unknown;
};
export type GetActivitiesData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Only activities of this namespace, whose names begin with it and `--`
         */
        namespace?: string;
        /**
         * How many to return; 0 stands for the default
         */
        limit?: number;
        /**
         * From `X-Next-Page-Path`; opaque
         */
        pageToken?: string;
    };
    url: '/activities';
};
export type GetActivitiesErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type GetActivitiesError = GetActivitiesErrors[keyof GetActivitiesErrors];
export type GetActivitiesResponses = {
    /**
     * A page of activities
     */
    200: Array<Activity>;
};
export type GetActivitiesResponse = GetActivitiesResponses[keyof GetActivitiesResponses];
export type PostStateResourceData = {
    body: NewStateResource2;
    path?: never;
    query?: never;
    url: '/state-resources';
};
export type PostStateResourceErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type PostStateResourceError = PostStateResourceErrors[keyof PostStateResourceErrors];
export type PostStateResourceResponses = {
    /**
     * The state resource as stored
     */
    201: StateResource;
};
export type PostStateResourceResponse = PostStateResourceResponses[keyof PostStateResourceResponses];
export type DeleteStateResourceData = {
    body?: never;
    path: {
        namespace: string;
        name: string;
    };
    query?: never;
    url: '/state-resources/{namespace}/{name}';
};
export type DeleteStateResourceErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type DeleteStateResourceError = DeleteStateResourceErrors[keyof DeleteStateResourceErrors];
export type DeleteStateResourceResponses = {
    /**
     * Removed; the body is empty
     */
    200: unknown;
};
export type GetStateResourceData = {
    body?: never;
    path: {
        namespace: string;
        name: string;
    };
    query?: never;
    url: '/state-resources/{namespace}/{name}';
};
export type GetStateResourceErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type GetStateResourceError = GetStateResourceErrors[keyof GetStateResourceErrors];
export type GetStateResourceResponses = {
    /**
     * The state resource
     */
    200: StateResource;
};
export type GetStateResourceResponse = GetStateResourceResponses[keyof GetStateResourceResponses];
export type PutStateResourceData = {
    body: NewStateResource2;
    path: {
        namespace: string;
        name: string;
    };
    query?: never;
    url: '/state-resources/{namespace}/{name}';
};
export type PutStateResourceErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type PutStateResourceError = PutStateResourceErrors[keyof PutStateResourceErrors];
export type PutStateResourceResponses = {
    /**
     * The state resource as stored
     */
    201: StateResource;
};
export type PutStateResourceResponse = PutStateResourceResponses[keyof PutStateResourceResponses];
export type GetSchedulesData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * How many of them are on one page
         */
        limit?: number;
        /**
         * Out of the `X-Next-Page-Path` of the page before
         */
        pageToken?: string;
    };
    url: '/schedules';
};
export type GetSchedulesErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type GetSchedulesError = GetSchedulesErrors[keyof GetSchedulesErrors];
export type GetSchedulesResponses = {
    /**
     * One page of them
     */
    200: Array<Schedule>;
};
export type GetSchedulesResponse = GetSchedulesResponses[keyof GetSchedulesResponses];
export type NewScheduleData = {
    body: Schedule2;
    path?: never;
    query?: never;
    url: '/schedules';
};
export type NewScheduleErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * It exists already, was changed by someone else, or is already so
     */
    409: Conflict;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type NewScheduleError = NewScheduleErrors[keyof NewScheduleErrors];
export type NewScheduleResponses = {
    /**
     * The schedule as stored
     */
    201: Schedule;
};
export type NewScheduleResponse = NewScheduleResponses[keyof NewScheduleResponses];
export type DeleteScheduleData = {
    body?: never;
    path: {
        /**
         * The schedule's name
         */
        name: string;
    };
    query?: never;
    url: '/schedules/{name}';
};
export type DeleteScheduleErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type DeleteScheduleError = DeleteScheduleErrors[keyof DeleteScheduleErrors];
export type DeleteScheduleResponses = {
    /**
     * It is gone
     */
    200: unknown;
};
export type GetScheduleData = {
    body?: never;
    path: {
        /**
         * The schedule's name
         */
        name: string;
    };
    query?: never;
    url: '/schedules/{name}';
};
export type GetScheduleErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type GetScheduleError = GetScheduleErrors[keyof GetScheduleErrors];
export type GetScheduleResponses = {
    /**
     * The schedule
     */
    200: Schedule;
};
export type GetScheduleResponse = GetScheduleResponses[keyof GetScheduleResponses];
export type ApplyScheduleData = {
    body: Schedule2;
    path: {
        /**
         * The schedule's name
         */
        name: string;
    };
    query?: never;
    url: '/schedules/{name}';
};
export type ApplyScheduleErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * It exists already, was changed by someone else, or is already so
     */
    409: Conflict;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type ApplyScheduleError = ApplyScheduleErrors[keyof ApplyScheduleErrors];
export type ApplyScheduleResponses = {
    /**
     * The schedule as stored
     */
    200: Schedule;
};
export type ApplyScheduleResponse = ApplyScheduleResponses[keyof ApplyScheduleResponses];
export type PauseScheduleData = {
    body: Reason;
    path: {
        /**
         * The schedule's name
         */
        name: string;
    };
    query?: never;
    url: '/schedules/{name}/pause';
};
export type PauseScheduleErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type PauseScheduleError = PauseScheduleErrors[keyof PauseScheduleErrors];
export type PauseScheduleResponses = {
    /**
     * The schedule as stored
     */
    200: Schedule;
};
export type PauseScheduleResponse = PauseScheduleResponses[keyof PauseScheduleResponses];
export type ResumeScheduleData = {
    body?: never;
    path: {
        /**
         * The schedule's name
         */
        name: string;
    };
    query?: never;
    url: '/schedules/{name}/resume';
};
export type ResumeScheduleErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type ResumeScheduleError = ResumeScheduleErrors[keyof ResumeScheduleErrors];
export type ResumeScheduleResponses = {
    /**
     * The schedule as stored
     */
    200: Schedule;
};
export type ResumeScheduleResponse = ResumeScheduleResponses[keyof ResumeScheduleResponses];
export type BackfillScheduleData = {
    body: BackfillRequest;
    path: {
        /**
         * The schedule's name
         */
        name: string;
    };
    query?: never;
    url: '/schedules/{name}/backfill';
};
export type BackfillScheduleErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type BackfillScheduleError = BackfillScheduleErrors[keyof BackfillScheduleErrors];
export type BackfillScheduleResponses = {
    /**
     * How many times will be submitted
     */
    200: Backfill;
};
export type BackfillScheduleResponse = BackfillScheduleResponses[keyof BackfillScheduleResponses];
export type GetScheduleTimesData = {
    body?: never;
    path: {
        /**
         * The schedule's name
         */
        name: string;
    };
    query?: {
        limit?: number;
    };
    url: '/schedules/{name}/next';
};
export type GetScheduleTimesErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type GetScheduleTimesError = GetScheduleTimesErrors[keyof GetScheduleTimesErrors];
export type GetScheduleTimesResponses = {
    /**
     * The times, the next one first
     */
    200: ScheduleTimes;
};
export type GetScheduleTimesResponse = GetScheduleTimesResponses[keyof GetScheduleTimesResponses];
export type GetWebhooksData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/webhooks';
};
export type GetWebhooksErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type GetWebhooksError = GetWebhooksErrors[keyof GetWebhooksErrors];
export type GetWebhooksResponses = {
    /**
     * All of them
     */
    200: Array<Webhook>;
};
export type GetWebhooksResponse = GetWebhooksResponses[keyof GetWebhooksResponses];
export type NewWebhookData = {
    body: Webhook2;
    path?: never;
    query?: never;
    url: '/webhooks';
};
export type NewWebhookErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type NewWebhookError = NewWebhookErrors[keyof NewWebhookErrors];
export type NewWebhookResponses = {
    /**
     * The webhook as stored, with its secret
     */
    201: Webhook;
};
export type NewWebhookResponse = NewWebhookResponses[keyof NewWebhookResponses];
export type DeleteWebhookData = {
    body?: never;
    path: {
        webhookID: string;
    };
    query?: never;
    url: '/webhooks/{webhookID}';
};
export type DeleteWebhookErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type DeleteWebhookError = DeleteWebhookErrors[keyof DeleteWebhookErrors];
export type DeleteWebhookResponses = {
    /**
     * It is gone
     */
    200: unknown;
};
export type GetWebhookData = {
    body?: never;
    path: {
        webhookID: string;
    };
    query?: never;
    url: '/webhooks/{webhookID}';
};
export type GetWebhookErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type GetWebhookError = GetWebhookErrors[keyof GetWebhookErrors];
export type GetWebhookResponses = {
    /**
     * The webhook, without its secret
     */
    200: Webhook;
};
export type GetWebhookResponse = GetWebhookResponses[keyof GetWebhookResponses];
export type UpdateWebhookData = {
    body: Webhook2;
    path: {
        webhookID: string;
    };
    query?: never;
    url: '/webhooks/{webhookID}';
};
export type UpdateWebhookErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * It exists already, was changed by someone else, or is already so
     */
    409: Conflict;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type UpdateWebhookError = UpdateWebhookErrors[keyof UpdateWebhookErrors];
export type UpdateWebhookResponses = {
    /**
     * The webhook as stored, without its secret
     */
    200: Webhook;
};
export type UpdateWebhookResponse = UpdateWebhookResponses[keyof UpdateWebhookResponses];
export type EnableWebhookData = {
    body?: never;
    path: {
        webhookID: string;
    };
    query?: never;
    url: '/webhooks/{webhookID}/enable';
};
export type EnableWebhookErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type EnableWebhookError = EnableWebhookErrors[keyof EnableWebhookErrors];
export type EnableWebhookResponses = {
    /**
     * The webhook as stored
     */
    200: Webhook;
};
export type EnableWebhookResponse = EnableWebhookResponses[keyof EnableWebhookResponses];
export type DisableWebhookData = {
    body: Reason;
    path: {
        webhookID: string;
    };
    query?: never;
    url: '/webhooks/{webhookID}/disable';
};
export type DisableWebhookErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type DisableWebhookError = DisableWebhookErrors[keyof DisableWebhookErrors];
export type DisableWebhookResponses = {
    /**
     * The webhook as stored
     */
    200: Webhook;
};
export type DisableWebhookResponse = DisableWebhookResponses[keyof DisableWebhookResponses];
export type GetWebhookDeliveriesData = {
    body?: never;
    path: {
        webhookID: string;
    };
    query?: {
        status?: DeliveryStatus;
        /**
         * How many of them are on one page
         */
        limit?: number;
        /**
         * Out of the `X-Next-Page-Path` of the page before
         */
        pageToken?: string;
    };
    url: '/webhooks/{webhookID}/deliveries';
};
export type GetWebhookDeliveriesErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type GetWebhookDeliveriesError = GetWebhookDeliveriesErrors[keyof GetWebhookDeliveriesErrors];
export type GetWebhookDeliveriesResponses = {
    /**
     * One page of them
     */
    200: Array<WebhookDelivery>;
};
export type GetWebhookDeliveriesResponse = GetWebhookDeliveriesResponses[keyof GetWebhookDeliveriesResponses];
export type RedeliverWebhookDeliveryData = {
    body?: never;
    path: {
        webhookID: string;
        deliveryID: string;
    };
    query?: never;
    url: '/webhooks/{webhookID}/deliveries/{deliveryID}/redeliver';
};
export type RedeliverWebhookDeliveryErrors = {
    /**
     * The request cannot be done as asked
     */
    400: BadRequest;
    /**
     * There is no such thing; the message is the missing key
     */
    404: NotFound;
    /**
     * It exists already, was changed by someone else, or is already so
     */
    409: Conflict;
    /**
     * The server, or something it depends on, failed
     */
    500: InternalError;
    /**
     * 401 without a valid key, 405 for another method, 413 for too large a body, 429 when the engine
     * takes no more for now, 503 when the request took too long, or when what it says cannot be written
     * down, as on a full disk
     *
     */
    default: BadRequest;
};
export type RedeliverWebhookDeliveryError = RedeliverWebhookDeliveryErrors[keyof RedeliverWebhookDeliveryErrors];
export type RedeliverWebhookDeliveryResponses = {
    /**
     * The delivery, pending
     */
    200: WebhookDelivery;
};
export type RedeliverWebhookDeliveryResponse = RedeliverWebhookDeliveryResponses[keyof RedeliverWebhookDeliveryResponses];
