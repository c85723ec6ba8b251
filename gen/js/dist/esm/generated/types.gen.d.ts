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
 * The definition's name; a `/` in it is written `%2F`
 */
export type DefinitionName = string;
export type WorkflowId = string;
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
     * takes no more for now, 503 when the request took too long
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
     * takes no more for now, 503 when the request took too long
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
     * takes no more for now, 503 when the request took too long
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
     * takes no more for now, 503 when the request took too long
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
     * takes no more for now, 503 when the request took too long
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
     * takes no more for now, 503 when the request took too long
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
     * takes no more for now, 503 when the request took too long
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
     * takes no more for now, 503 when the request took too long
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
     * takes no more for now, 503 when the request took too long
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
     * takes no more for now, 503 when the request took too long
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
     * takes no more for now, 503 when the request took too long
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
     * takes no more for now, 503 when the request took too long
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
     * takes no more for now, 503 when the request took too long
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
     * takes no more for now, 503 when the request took too long
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
     * takes no more for now, 503 when the request took too long
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
     * takes no more for now, 503 when the request took too long
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
     * takes no more for now, 503 when the request took too long
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
     * takes no more for now, 503 when the request took too long
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
     * takes no more for now, 503 when the request took too long
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
     * takes no more for now, 503 when the request took too long
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
     * takes no more for now, 503 when the request took too long
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
     * takes no more for now, 503 when the request took too long
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
