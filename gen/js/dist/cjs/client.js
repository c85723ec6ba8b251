"use strict";
// The operations of the REST API as methods.
Object.defineProperty(exports, "__esModule", { value: true });
exports.WorkflowManager = void 0;
const errors_js_1 = require("./errors.js");
const index_js_1 = require("./generated/client/index.js");
const sdk = require("./generated/sdk.gen.js");
const paging_js_1 = require("./paging.js");
const retries_js_1 = require("./retries.js");
const streams_js_1 = require("./streams.js");
const version_js_1 = require("./version.js");
const wire_js_1 = require("./wire.js");
/** A server of workflow-manager, and what it can be asked to do.  Every method rejects with a WorkflowManagerError. */
class WorkflowManager {
    #client;
    #options;
    constructor(options) {
        const { address, apiKey, timeout = 5000, retryPolicy = retries_js_1.Single } = options;
        const baseUrl = addressOf(address);
        // Called as a method, some browsers' fetch throws "Illegal invocation".
        const send = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
        this.#options = { timeout, retryPolicy, fetch: send };
        this.#client = (0, index_js_1.createClient)({
            baseUrl,
            auth: apiKey,
            headers: { "X-Client-Version": version_js_1.VERSION },
            bodySerializer: serialize,
            // Read as JSON by what checks its shape, so that both go wrong in the same way.
            parseAs: "text",
            throwOnError: true,
        });
    }
    /** Resolves when the server is alive. */
    async healthCheck(options) {
        await sdk.healthCheck(this.#call(options));
    }
    /** Resolves when the server can do its work; UnexpectedResponse with status 503 when it cannot. */
    async readinessCheck(options) {
        await sdk.readinessCheck(this.#call(options));
    }
    /** The server's meters, in Prometheus' text format. */
    async getMetrics(options) {
        return (await sdk.getMetrics(this.#call(options))).data;
    }
    /** The latest version of every definition, sorted by name. */
    async getWorkflowDefinitions(options) {
        return list(await sdk.getWorkflowDefinitions(this.#call(options)));
    }
    /** Version 0 of a new name; Conflict when there is one of that name. */
    async newWorkflowDefinition(definition, options) {
        return object(await sdk.newWorkflowDefinition({ ...this.#call(options), body: definition }));
    }
    /** The newest version, as a list of one; all of them, oldest first, when `latest` is false. */
    async getWorkflowDefinitionVersionsByName({ name, latest }, options) {
        const path = segments({ name });
        return list(await sdk.getWorkflowDefinitionVersionsByName({ ...this.#call(options), path, query: { latest } }));
    }
    /** The next version of a definition. */
    async updateWorkflowDefinition({ name, NewWorkflowDefinitionRequest: body }, options) {
        const path = segments({ name });
        return object(await sdk.updateWorkflowDefinition({ ...this.#call(options), path, body }));
    }
    async getWorkflowDefinitionByNameAndVersion({ name, version }, options) {
        const path = segments({ name, version: String(version) });
        return object(await sdk.getWorkflowDefinitionByNameAndVersion({ ...this.#call(options), path }));
    }
    /** Starts a new workflow.  Version -1 is the latest; **no version is version 0**. */
    async startWorkflow(request, { idempotencyKey, ...options } = {}) {
        const headers = idempotencyKey === undefined ? {} : { "Idempotency-Key": sendable(idempotencyKey) };
        return object(await sdk.startWorkflow({ ...this.#call(options), body: request, headers }));
    }
    /** One page of the workflows of a definition, newest first, unless `oldestFirst`. */
    async getWorkflows(query, options) {
        return list(await sdk.getWorkflows({ ...this.#call(options), query }));
    }
    /** All workflows of a definition, asked for page by page as they are taken. */
    getWorkflowsIter(query, options) {
        return this.#pages((call) => sdk.getWorkflows({ ...call, query }), options);
    }
    /** The workflow, brought up to date; with all its jobs when `fetchHistory`. */
    async getWorkflowByID({ workflowID, fetchHistory }, options) {
        const path = segments({ workflowID });
        return object(await sdk.getWorkflowById({ ...this.#call(options), path, query: { fetchHistory } }));
    }
    /**
     * One page of the events of the workflow's execution, oldest first, unless `newestFirst`.  Besides the
     * members of all events, one has its details, such as `taskFailedEventDetails`.
     */
    async getWorkflowHistory({ workflowID, ...query }, options) {
        const path = segments({ workflowID });
        return list(await sdk.getWorkflowHistory({ ...this.#call(options), path, query }));
    }
    /** All events of the workflow's execution, asked for page by page as they are taken. */
    getWorkflowHistoryIter({ workflowID, ...query }, options) {
        return this.#pages(async (call) => sdk.getWorkflowHistory({ ...call, path: segments({ workflowID }), query }), options);
    }
    /**
     * The workflow's history as it grows, and at last an event named `end`.  Begins after `lastEventID`, or at
     * the beginning.  A stream that breaks off is taken up where it was.
     */
    async *streamWorkflowEvents({ workflowID, lastEventID }, options = {}) {
        const path = segments({ workflowID });
        yield* this.#stream({ url: "/workflows/{workflowID}/events", path }, lastEventID, options);
    }
    /**
     * Each change of a workflow's status, from now on or after `lastEventID`; has no end.  A stream that breaks
     * off is taken up where it was; an event named `gap` says that this was too late.
     */
    async *streamEvents({ lastEventID, ...query } = {}, options = {}) {
        yield* this.#stream({ url: "/events", query }, lastEventID, options);
    }
    /** A new workflow that goes on at a state of an ended one, with the input which that state had. */
    async resumeWorkflowByID({ workflowID, overrides }, options) {
        const path = segments({ workflowID });
        return object(await sdk.resumeWorkflowById({ ...this.#call(options), path, body: overrides }));
    }
    /** Stops the workflow; BadRequest when it has succeeded or failed. */
    async CancelWorkflow({ workflowID, reason }, options) {
        await sdk.cancelWorkflow({ ...this.#call(options), path: segments({ workflowID }), body: reason });
    }
    /** Marks the workflow as dealt with; Conflict when it is already. */
    async resolveWorkflowByID(workflowID, options) {
        await sdk.resolveWorkflowById({ ...this.#call(options), path: segments({ workflowID }) });
    }
    /** One page of the activities, sorted by name, with their queues and workers where known. */
    async getActivities(query = {}, options) {
        return list(await sdk.getActivities({ ...this.#call(options), query }));
    }
    /** All activities, asked for page by page as they are taken. */
    getActivitiesIter(query = {}, options) {
        return this.#pages(async (call) => sdk.getActivities({ ...call, query }), options);
    }
    /** The resource as stored, in place of one of the same name and namespace. */
    async postStateResource(resource, options) {
        return object(await sdk.postStateResource({ ...this.#call(options), body: resource }));
    }
    async getStateResource({ namespace, name }, options) {
        return object(await sdk.getStateResource({ ...this.#call(options), path: segments({ namespace, name }) }));
    }
    /** The resource as stored; its name and namespace have to be those given beside it. */
    async putStateResource({ namespace, name, NewStateResource: body }, options) {
        const path = segments({ namespace, name });
        return object(await sdk.putStateResource({ ...this.#call(options), path, body }));
    }
    async deleteStateResource({ namespace, name }, options) {
        await sdk.deleteStateResource({ ...this.#call(options), path: segments({ namespace, name }) });
    }
    /** One page of the schedules, by name. */
    async getSchedules(query = {}, options) {
        return list(await sdk.getSchedules({ ...this.#call(options), query }));
    }
    /** All schedules, asked for page by page as they are taken. */
    getSchedulesIter(query = {}, options) {
        return this.#pages(async (call) => sdk.getSchedules({ ...call, query }), options);
    }
    /** The schedule as stored; Conflict when there is one of that name. */
    async newSchedule(schedule, options) {
        return object(await sdk.newSchedule({ ...this.#call(options), body: schedule }));
    }
    async getSchedule(name, options) {
        return object(await sdk.getSchedule({ ...this.#call(options), path: segments({ name }) }));
    }
    /** The schedule of that name, created or changed to be as given. */
    async applySchedule({ name, schedule }, options) {
        return object(await sdk.applySchedule({ ...this.#call(options), path: segments({ name }), body: schedule }));
    }
    /** What it has started goes on. */
    async deleteSchedule(name, options) {
        await sdk.deleteSchedule({ ...this.#call(options), path: segments({ name }) });
    }
    /** It fires no more until it is resumed. */
    async pauseSchedule({ name, reason = "" }, options) {
        return object(await sdk.pauseSchedule({ ...this.#call(options), path: segments({ name }), body: { reason } }));
    }
    /** It goes on with its next time. */
    async resumeSchedule(name, options) {
        return object(await sdk.resumeSchedule({ ...this.#call(options), path: segments({ name }) }));
    }
    /** How many of the schedule's times in a range, both ends in it, will be submitted. */
    async backfillSchedule({ name, ...body }, options) {
        return object(await sdk.backfillSchedule({ ...this.#call(options), path: segments({ name }), body }));
    }
    /** When it fires next, were it not paused. */
    async getScheduleTimes({ name, limit }, options) {
        const query = { limit };
        return object(await sdk.getScheduleTimes({ ...this.#call(options), path: segments({ name }), query }));
    }
    /** All webhooks, the oldest first. */
    async getWebhooks(options) {
        return list(await sdk.getWebhooks({ ...this.#call(options) }));
    }
    /** The webhook as stored, with its `secret`, which is shown only here. */
    async newWebhook(webhook, options) {
        return object(await sdk.newWebhook({ ...this.#call(options), body: webhook }));
    }
    async getWebhook(webhookID, options) {
        return object(await sdk.getWebhook({ ...this.#call(options), path: segments({ webhookID }) }));
    }
    /** The webhook as stored; without a secret it keeps the one it has. */
    async updateWebhook({ webhookID, webhook }, options) {
        return object(await sdk.updateWebhook({ ...this.#call(options), path: segments({ webhookID }), body: webhook }));
    }
    /** Its deliveries go with it. */
    async deleteWebhook(webhookID, options) {
        await sdk.deleteWebhook({ ...this.#call(options), path: segments({ webhookID }) });
    }
    async enableWebhook(webhookID, options) {
        return object(await sdk.enableWebhook({ ...this.#call(options), path: segments({ webhookID }) }));
    }
    /** Nothing is sent to it until it is enabled. */
    async disableWebhook({ webhookID, reason = "" }, options) {
        const path = segments({ webhookID });
        return object(await sdk.disableWebhook({ ...this.#call(options), path, body: { reason } }));
    }
    /** One page of what was delivered, waits or was given up, the latest first. */
    async getWebhookDeliveries({ webhookID, ...query }, options) {
        const path = segments({ webhookID });
        return list(await sdk.getWebhookDeliveries({ ...this.#call(options), path, query }));
    }
    /** All deliveries of a webhook, asked for page by page as they are taken. */
    getWebhookDeliveriesIter({ webhookID, ...query }, options) {
        return this.#pages(async (call) => sdk.getWebhookDeliveries({ ...call, path: segments({ webhookID }), query }), options);
    }
    /** Delivers it once more, with the same message id; Conflict while its webhook is disabled. */
    async redeliverWebhookDelivery({ webhookID, deliveryID }, options) {
        const path = segments({ webhookID, deliveryID });
        return object(await sdk.redeliverWebhookDelivery({ ...this.#call(options), path }));
    }
    #stream(what, last, { signal }) {
        const open = async (after, given) => {
            const headers = { Accept: "text/event-stream", ...(after ? { "Last-Event-ID": after } : {}) };
            const fetch = (0, wire_js_1.streamWire)(this.#options.fetch, given);
            const call = { ...what, headers, fetch, security: KEY, parseAs: "stream", throwOnError: true };
            return (await this.#client.get(call)).response;
        };
        return (0, streams_js_1.follow)(open, last, signal);
    }
    #pages(first, options) {
        return new paging_js_1.Pages(async (path) => {
            const call = this.#call(options);
            return page(path === undefined
                ? await first(call)
                : // The path's query is complete, and must not be encoded a second time.
                    await this.#client.get({ ...call, url: path, security: KEY }));
        });
    }
    #call(options = {}) {
        return {
            client: this.#client,
            fetch: (0, wire_js_1.wire)({
                fetch: this.#options.fetch,
                timeout: options.timeout ?? this.#options.timeout,
                retryPolicy: options.retryPolicy ?? this.#options.retryPolicy,
            }),
            throwOnError: true,
        };
    }
}
exports.WorkflowManager = WorkflowManager;
const KEY = [{ scheme: "bearer", type: "http" }];
function addressOf(address) {
    try {
        if (/^https?:$/.test(new URL(address).protocol))
            return address.replace(/\/+$/, "");
    }
    catch {
        // Said below, as for a URL of another kind.
    }
    throw new errors_js_1.InvalidRequest(`address must be an http:// or https:// URL, not ${address}`);
}
function serialize(body) {
    try {
        return JSON.stringify(body);
    }
    catch (cause) {
        throw new errors_js_1.InvalidRequest(`the body is no JSON: ${String(cause)}`, { cause });
    }
}
/** The path's parts.  An empty one would address something else. */
function segments(path) {
    for (const [name, value] of Object.entries(path)) {
        if (!value)
            throw new errors_js_1.InvalidRequest(`${name} must not be empty`);
    }
    return path;
}
function sendable(idempotencyKey) {
    if (/^[ -~]+$/.test(idempotencyKey))
        return idempotencyKey;
    throw new errors_js_1.InvalidRequest("idempotencyKey must be printable ASCII, and not empty");
}
function object(answer) {
    return read(answer, "object", (value) => typeof value === "object" && value !== null && !Array.isArray(value));
}
function list(answer) {
    return read(answer, "list", Array.isArray);
}
function read({ data, response }, shape, fits) {
    const text = String(data);
    let value;
    try {
        value = JSON.parse(text);
    }
    catch {
        throw new errors_js_1.UnexpectedResponse(response.status, text, "the answer is no JSON");
    }
    if (!fits(value))
        throw new errors_js_1.UnexpectedResponse(response.status, text, `the answer is no ${shape}`);
    return value;
}
function page(answer) {
    const next = answer.response.headers.get("X-Next-Page-Path") ?? undefined;
    // Appended to the address, anything else could name another server, which would be sent the key.
    if (next !== undefined && !next.startsWith("/")) {
        throw new errors_js_1.UnexpectedResponse(answer.response.status, "", `X-Next-Page-Path is no path: ${next}`);
    }
    return { items: list(answer), next };
}
