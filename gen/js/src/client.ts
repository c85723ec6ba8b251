// The operations of the REST API as methods.

import { InvalidRequest, UnexpectedResponse } from "./errors.js";
import { createClient, type Client } from "./generated/client/index.js";
import * as sdk from "./generated/sdk.gen.js";
import type {
  Activity,
  Backfill,
  BackfillRequest,
  CancelReason,
  GetActivitiesData,
  GetSchedulesData,
  GetWebhookDeliveriesData,
  GetWorkflowHistoryData,
  GetWorkflowsData,
  HistoryEvent,
  NewStateResource,
  NewWorkflowDefinitionRequest,
  Schedule,
  ScheduleRequest,
  ScheduleTimes,
  StartWorkflowRequest,
  StateResource,
  StreamEventsData,
  Webhook,
  WebhookDelivery,
  WebhookRequest,
  Workflow,
  WorkflowDefinition,
  WorkflowDefinitionOverrides,
} from "./generated/types.gen.js";
import { Pages, type Page } from "./paging.js";
import { Single, type RetryPolicy } from "./retries.js";
import { follow, type StreamEvent, type StreamOptions } from "./streams.js";
import { VERSION } from "./version.js";
import { streamWire, wire } from "./wire.js";

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
export type HistoryQuery = { workflowID: string } & NonNullable<GetWorkflowHistoryData["query"]>;

/** Which schedules to list. */
export type ScheduleQuery = NonNullable<GetSchedulesData["query"]>;

/** Which deliveries of a webhook to find. */
export type DeliveryQuery = { webhookID: string } & NonNullable<GetWebhookDeliveriesData["query"]>;
/** Which changes to be told of; all that is given has to match. */
export type EventsQuery = { lastEventID?: string } & NonNullable<StreamEventsData["query"]>;

/** Which activities to find. */
export type ActivityQuery = NonNullable<GetActivitiesData["query"]>;

/** A server of workflow-manager, and what it can be asked to do.  Every method rejects with a WorkflowManagerError. */
export class WorkflowManager {
  readonly #client: Client;
  readonly #options: Required<CallOptions> & { fetch: typeof fetch };

  constructor(options: WorkflowManagerOptions) {
    const { address, apiKey, timeout = 5000, retryPolicy = Single } = options;
    const baseUrl = addressOf(address);
    // Called as a method, some browsers' fetch throws "Illegal invocation".
    const send: typeof fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
    this.#options = { timeout, retryPolicy, fetch: send };
    this.#client = createClient({
      baseUrl,
      auth: apiKey,
      headers: { "X-Client-Version": VERSION },
      bodySerializer: serialize,
      // Read as JSON by what checks its shape, so that both go wrong in the same way.
      parseAs: "text",
      throwOnError: true,
    });
  }

  /** Resolves when the server is alive. */
  async healthCheck(options?: CallOptions): Promise<void> {
    await sdk.healthCheck(this.#call(options));
  }

  /** Resolves when the server can do its work; UnexpectedResponse with status 503 when it cannot. */
  async readinessCheck(options?: CallOptions): Promise<void> {
    await sdk.readinessCheck(this.#call(options));
  }

  /** The server's meters, in Prometheus' text format. */
  async getMetrics(options?: CallOptions): Promise<string> {
    return (await sdk.getMetrics(this.#call(options))).data;
  }

  /** The latest version of every definition, sorted by name. */
  async getWorkflowDefinitions(options?: CallOptions): Promise<WorkflowDefinition[]> {
    return list(await sdk.getWorkflowDefinitions(this.#call(options)));
  }

  /** Version 0 of a new name; Conflict when there is one of that name. */
  async newWorkflowDefinition(
    definition: NewWorkflowDefinitionRequest,
    options?: CallOptions,
  ): Promise<WorkflowDefinition> {
    return object(await sdk.newWorkflowDefinition({ ...this.#call(options), body: definition }));
  }

  /** The newest version, as a list of one; all of them, oldest first, when `latest` is false. */
  async getWorkflowDefinitionVersionsByName(
    { name, latest }: { name: string; latest?: boolean },
    options?: CallOptions,
  ): Promise<WorkflowDefinition[]> {
    const path = segments({ name });
    return list(
      await sdk.getWorkflowDefinitionVersionsByName({ ...this.#call(options), path, query: { latest } }),
    );
  }

  /** The next version of a definition. */
  async updateWorkflowDefinition(
    { name, NewWorkflowDefinitionRequest: body }: {
      name: string;
      NewWorkflowDefinitionRequest: NewWorkflowDefinitionRequest;
    },
    options?: CallOptions,
  ): Promise<WorkflowDefinition> {
    const path = segments({ name });
    return object(await sdk.updateWorkflowDefinition({ ...this.#call(options), path, body }));
  }

  async getWorkflowDefinitionByNameAndVersion(
    { name, version }: { name: string; version: number },
    options?: CallOptions,
  ): Promise<WorkflowDefinition> {
    const path = segments({ name, version: String(version) });
    return object(await sdk.getWorkflowDefinitionByNameAndVersion({ ...this.#call(options), path }));
  }

  /** Starts a new workflow.  Version -1 is the latest; **no version is version 0**. */
  async startWorkflow(
    request: StartWorkflowRequest,
    { idempotencyKey, ...options }: StartOptions = {},
  ): Promise<Workflow> {
    const headers = idempotencyKey === undefined ? {} : { "Idempotency-Key": sendable(idempotencyKey) };
    return object(await sdk.startWorkflow({ ...this.#call(options), body: request, headers }));
  }

  /** One page of the workflows of a definition, newest first, unless `oldestFirst`. */
  async getWorkflows(query: WorkflowQuery, options?: CallOptions): Promise<Workflow[]> {
    return list(await sdk.getWorkflows({ ...this.#call(options), query }));
  }

  /** All workflows of a definition, asked for page by page as they are taken. */
  getWorkflowsIter(query: WorkflowQuery, options?: CallOptions): Pages<Workflow> {
    return this.#pages((call) => sdk.getWorkflows({ ...call, query }), options);
  }

  /** The workflow, brought up to date; with all its jobs when `fetchHistory`. */
  async getWorkflowByID(
    { workflowID, fetchHistory }: { workflowID: string; fetchHistory?: boolean },
    options?: CallOptions,
  ): Promise<Workflow> {
    const path = segments({ workflowID });
    return object(await sdk.getWorkflowById({ ...this.#call(options), path, query: { fetchHistory } }));
  }

  /**
   * One page of the events of the workflow's execution, oldest first, unless `newestFirst`.  Besides the
   * members of all events, one has its details, such as `taskFailedEventDetails`.
   */
  async getWorkflowHistory({ workflowID, ...query }: HistoryQuery, options?: CallOptions): Promise<HistoryEvent[]> {
    const path = segments({ workflowID });
    return list(await sdk.getWorkflowHistory({ ...this.#call(options), path, query }));
  }

  /** All events of the workflow's execution, asked for page by page as they are taken. */
  getWorkflowHistoryIter({ workflowID, ...query }: HistoryQuery, options?: CallOptions): Pages<HistoryEvent> {
    return this.#pages(
      async (call) => sdk.getWorkflowHistory({ ...call, path: segments({ workflowID }), query }),
      options,
    );
  }

  /**
   * The workflow's history as it grows, and at last an event named `end`.  Begins after `lastEventID`, or at
   * the beginning.  A stream that breaks off is taken up where it was.
   */
  async *streamWorkflowEvents(
    { workflowID, lastEventID }: { workflowID: string; lastEventID?: string },
    options: StreamOptions = {},
  ): AsyncGenerator<StreamEvent> {
    const path = segments({ workflowID });
    yield* this.#stream({ url: "/workflows/{workflowID}/events", path }, lastEventID, options);
  }

  /**
   * Each change of a workflow's status, from now on or after `lastEventID`; has no end.  A stream that breaks
   * off is taken up where it was; an event named `gap` says that this was too late.
   */
  async *streamEvents(
    { lastEventID, ...query }: EventsQuery = {},
    options: StreamOptions = {},
  ): AsyncGenerator<StreamEvent> {
    yield* this.#stream({ url: "/events", query }, lastEventID, options);
  }

  /** A new workflow that goes on at a state of an ended one, with the input which that state had. */
  async resumeWorkflowByID(
    { workflowID, overrides }: { workflowID: string; overrides: WorkflowDefinitionOverrides },
    options?: CallOptions,
  ): Promise<Workflow> {
    const path = segments({ workflowID });
    return object(await sdk.resumeWorkflowById({ ...this.#call(options), path, body: overrides }));
  }

  /** Stops the workflow; BadRequest when it has succeeded or failed. */
  async CancelWorkflow(
    { workflowID, reason }: { workflowID: string; reason: CancelReason },
    options?: CallOptions,
  ): Promise<void> {
    await sdk.cancelWorkflow({ ...this.#call(options), path: segments({ workflowID }), body: reason });
  }

  /** Marks the workflow as dealt with; Conflict when it is already. */
  async resolveWorkflowByID(workflowID: string, options?: CallOptions): Promise<void> {
    await sdk.resolveWorkflowById({ ...this.#call(options), path: segments({ workflowID }) });
  }

  /** One page of the activities, sorted by name, with their queues and workers where known. */
  async getActivities(query: ActivityQuery = {}, options?: CallOptions): Promise<Activity[]> {
    return list(await sdk.getActivities({ ...this.#call(options), query }));
  }

  /** All activities, asked for page by page as they are taken. */
  getActivitiesIter(query: ActivityQuery = {}, options?: CallOptions): Pages<Activity> {
    return this.#pages(async (call) => sdk.getActivities({ ...call, query }), options);
  }

  /** The resource as stored, in place of one of the same name and namespace. */
  async postStateResource(resource: NewStateResource, options?: CallOptions): Promise<StateResource> {
    return object(await sdk.postStateResource({ ...this.#call(options), body: resource }));
  }

  async getStateResource(
    { namespace, name }: { namespace: string; name: string },
    options?: CallOptions,
  ): Promise<StateResource> {
    return object(await sdk.getStateResource({ ...this.#call(options), path: segments({ namespace, name }) }));
  }

  /** The resource as stored; its name and namespace have to be those given beside it. */
  async putStateResource(
    { namespace, name, NewStateResource: body }: {
      namespace: string;
      name: string;
      NewStateResource: NewStateResource;
    },
    options?: CallOptions,
  ): Promise<StateResource> {
    const path = segments({ namespace, name });
    return object(await sdk.putStateResource({ ...this.#call(options), path, body }));
  }

  async deleteStateResource(
    { namespace, name }: { namespace: string; name: string },
    options?: CallOptions,
  ): Promise<void> {
    await sdk.deleteStateResource({ ...this.#call(options), path: segments({ namespace, name }) });
  }

  /** One page of the schedules, by name. */
  async getSchedules(query: ScheduleQuery = {}, options?: CallOptions): Promise<Schedule[]> {
    return list(await sdk.getSchedules({ ...this.#call(options), query }));
  }

  /** All schedules, asked for page by page as they are taken. */
  getSchedulesIter(query: ScheduleQuery = {}, options?: CallOptions): Pages<Schedule> {
    return this.#pages(async (call) => sdk.getSchedules({ ...call, query }), options);
  }

  /** The schedule as stored; Conflict when there is one of that name. */
  async newSchedule(schedule: ScheduleRequest, options?: CallOptions): Promise<Schedule> {
    return object(await sdk.newSchedule({ ...this.#call(options), body: schedule }));
  }

  async getSchedule(name: string, options?: CallOptions): Promise<Schedule> {
    return object(await sdk.getSchedule({ ...this.#call(options), path: segments({ name }) }));
  }

  /** The schedule of that name, created or changed to be as given. */
  async applySchedule(
    { name, schedule }: { name: string; schedule: ScheduleRequest },
    options?: CallOptions,
  ): Promise<Schedule> {
    return object(await sdk.applySchedule({ ...this.#call(options), path: segments({ name }), body: schedule }));
  }

  /** What it has started goes on. */
  async deleteSchedule(name: string, options?: CallOptions): Promise<void> {
    await sdk.deleteSchedule({ ...this.#call(options), path: segments({ name }) });
  }

  /** It fires no more until it is resumed. */
  async pauseSchedule(
    { name, reason = "" }: { name: string; reason?: string },
    options?: CallOptions,
  ): Promise<Schedule> {
    return object(await sdk.pauseSchedule({ ...this.#call(options), path: segments({ name }), body: { reason } }));
  }

  /** It goes on with its next time. */
  async resumeSchedule(name: string, options?: CallOptions): Promise<Schedule> {
    return object(await sdk.resumeSchedule({ ...this.#call(options), path: segments({ name }) }));
  }

  /** How many of the schedule's times in a range, both ends in it, will be submitted. */
  async backfillSchedule(
    { name, ...body }: { name: string } & BackfillRequest,
    options?: CallOptions,
  ): Promise<Backfill> {
    return object(await sdk.backfillSchedule({ ...this.#call(options), path: segments({ name }), body }));
  }

  /** When it fires next, were it not paused. */
  async getScheduleTimes(
    { name, limit }: { name: string; limit?: number },
    options?: CallOptions,
  ): Promise<ScheduleTimes> {
    const query = { limit };
    return object(await sdk.getScheduleTimes({ ...this.#call(options), path: segments({ name }), query }));
  }

  /** All webhooks, the oldest first. */
  async getWebhooks(options?: CallOptions): Promise<Webhook[]> {
    return list(await sdk.getWebhooks({ ...this.#call(options) }));
  }

  /** The webhook as stored, with its `secret`, which is shown only here. */
  async newWebhook(webhook: WebhookRequest, options?: CallOptions): Promise<Webhook> {
    return object(await sdk.newWebhook({ ...this.#call(options), body: webhook }));
  }

  async getWebhook(webhookID: string, options?: CallOptions): Promise<Webhook> {
    return object(await sdk.getWebhook({ ...this.#call(options), path: segments({ webhookID }) }));
  }

  /** The webhook as stored; without a secret it keeps the one it has. */
  async updateWebhook(
    { webhookID, webhook }: { webhookID: string; webhook: WebhookRequest },
    options?: CallOptions,
  ): Promise<Webhook> {
    return object(await sdk.updateWebhook({ ...this.#call(options), path: segments({ webhookID }), body: webhook }));
  }

  /** Its deliveries go with it. */
  async deleteWebhook(webhookID: string, options?: CallOptions): Promise<void> {
    await sdk.deleteWebhook({ ...this.#call(options), path: segments({ webhookID }) });
  }

  async enableWebhook(webhookID: string, options?: CallOptions): Promise<Webhook> {
    return object(await sdk.enableWebhook({ ...this.#call(options), path: segments({ webhookID }) }));
  }

  /** Nothing is sent to it until it is enabled. */
  async disableWebhook(
    { webhookID, reason = "" }: { webhookID: string; reason?: string },
    options?: CallOptions,
  ): Promise<Webhook> {
    const path = segments({ webhookID });
    return object(await sdk.disableWebhook({ ...this.#call(options), path, body: { reason } }));
  }

  /** One page of what was delivered, waits or was given up, the latest first. */
  async getWebhookDeliveries(
    { webhookID, ...query }: DeliveryQuery,
    options?: CallOptions,
  ): Promise<WebhookDelivery[]> {
    const path = segments({ webhookID });
    return list(await sdk.getWebhookDeliveries({ ...this.#call(options), path, query }));
  }

  /** All deliveries of a webhook, asked for page by page as they are taken. */
  getWebhookDeliveriesIter({ webhookID, ...query }: DeliveryQuery, options?: CallOptions): Pages<WebhookDelivery> {
    return this.#pages(
      async (call) => sdk.getWebhookDeliveries({ ...call, path: segments({ webhookID }), query }),
      options,
    );
  }

  /** Delivers it once more, with the same message id; Conflict while its webhook is disabled. */
  async redeliverWebhookDelivery(
    { webhookID, deliveryID }: { webhookID: string; deliveryID: string },
    options?: CallOptions,
  ): Promise<WebhookDelivery> {
    const path = segments({ webhookID, deliveryID });
    return object(await sdk.redeliverWebhookDelivery({ ...this.#call(options), path }));
  }

  #stream(
    what: { url: string; path?: Record<string, unknown>; query?: Record<string, unknown> },
    last: string | undefined,
    { signal }: StreamOptions,
  ): AsyncGenerator<StreamEvent> {
    const open = async (after: string | undefined, given: AbortSignal): Promise<Response> => {
      const headers = { Accept: "text/event-stream", ...(after ? { "Last-Event-ID": after } : {}) };
      const fetch = streamWire(this.#options.fetch, given);
      const call = { ...what, headers, fetch, security: KEY, parseAs: "stream", throwOnError: true } as const;
      return (await this.#client.get<unknown, unknown, true>(call)).response;
    };
    return follow(open, last, signal);
  }

  #pages<T>(first: (call: Call) => Promise<Success<T[]>>, options?: CallOptions): Pages<T> {
    return new Pages(async (path) => {
      const call = this.#call(options);
      return page(
        path === undefined
          ? await first(call)
          : // The path's query is complete, and must not be encoded a second time.
            await this.#client.get<{ 200: T[] }, unknown, true>({ ...call, url: path, security: KEY }),
      );
    });
  }

  #call(options: CallOptions = {}): Call {
    return {
      client: this.#client,
      fetch: wire({
        fetch: this.#options.fetch,
        timeout: options.timeout ?? this.#options.timeout,
        retryPolicy: options.retryPolicy ?? this.#options.retryPolicy,
      }),
      throwOnError: true,
    };
  }
}

const KEY = [{ scheme: "bearer", type: "http" }] as const;

/** What every generated function is given. */
interface Call {
  readonly client: Client;
  readonly fetch: typeof fetch;
  readonly throwOnError: true;
}

/** What the generated functions resolve to; `data` is still the body's text. */
interface Success<T> {
  readonly data: T;
  readonly response: Response;
}

function addressOf(address: string): string {
  try {
    if (/^https?:$/.test(new URL(address).protocol)) return address.replace(/\/+$/, "");
  } catch {
    // Said below, as for a URL of another kind.
  }
  throw new InvalidRequest(`address must be an http:// or https:// URL, not ${address}`);
}

function serialize(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    throw new InvalidRequest(`the body is no JSON: ${String(cause)}`, { cause });
  }
}

/** The path's parts.  An empty one would address something else. */
function segments<T extends Record<string, string>>(path: T): T {
  for (const [name, value] of Object.entries(path)) {
    if (!value) throw new InvalidRequest(`${name} must not be empty`);
  }
  return path;
}

function sendable(idempotencyKey: string): string {
  if (/^[ -~]+$/.test(idempotencyKey)) return idempotencyKey;
  throw new InvalidRequest("idempotencyKey must be printable ASCII, and not empty");
}

function object<T extends object>(answer: Success<T>): T {
  return read(answer, "object", (value) => typeof value === "object" && value !== null && !Array.isArray(value));
}

function list<T>(answer: Success<T[]>): T[] {
  return read(answer, "list", Array.isArray);
}

function read<T>({ data, response }: Success<T>, shape: string, fits: (value: unknown) => boolean): T {
  const text = String(data);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UnexpectedResponse(response.status, text, "the answer is no JSON");
  }
  if (!fits(value)) throw new UnexpectedResponse(response.status, text, `the answer is no ${shape}`);
  return value as T;
}

function page<T>(answer: Success<T[]>): Page<T> {
  const next = answer.response.headers.get("X-Next-Page-Path") ?? undefined;
  // Appended to the address, anything else could name another server, which would be sent the key.
  if (next !== undefined && !next.startsWith("/")) {
    throw new UnexpectedResponse(answer.response.status, "", `X-Next-Page-Path is no path: ${next}`);
  }
  return { items: list(answer), next };
}
