// Every operation of the JavaScript client against the server at $WFM_SERVER.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { Errors, WorkflowManager } from "workflow-manager-client";

const address = process.env.WFM_SERVER;
const client = new WorkflowManager({ address });
const sinks = JSON.parse(readFileSync(process.env.KITCHEN_SINK, "utf8"));

// Waits, fails or ends, as its input says.
const machine = {
  StartAt: "Choose",
  States: {
    Choose: {
      Type: "Choice",
      Choices: [
        { Variable: "$.do", StringEquals: "wait", Next: "Waiting" },
        { Variable: "$.do", StringEquals: "fail", Next: "Broken" },
      ],
      Default: "Done",
    },
    Waiting: { Type: "Wait", Seconds: 600, Next: "Done" },
    Broken: { Type: "Fail", Error: "My.Error", Cause: "it broke" },
    Done: { Type: "Succeed" },
  },
};
const name = `js:${randomUUID()}`;

const start = (what, more = {}) =>
  client.startWorkflow({ workflowDefinition: { name, version: -1 }, input: JSON.stringify({ do: what }), ...more });

async function until(workflowID, status) {
  for (let tries = 0; tries < 500; tries++) {
    const found = await client.getWorkflowByID({ workflowID, fetchHistory: true });
    if (found.status === status) return found;
    await pause(20);
  }
  throw new Error(`${workflowID} did not become ${status}`);
}

/** As a worker would, by Step Functions' own protocol. */
async function createActivity(name) {
  const headers = { "X-Amz-Target": "AWSStepFunctions.CreateActivity" };
  const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify({ name }) });
  assert.equal(answer.status, 200);
}

before(() => client.newWorkflowDefinition({ name, stateMachine: machine, defaultTags: { team: "infra" } }));

test("the server is alive", () => client.healthCheck());

test("definitions are made, versioned and found", async () => {
  const other = `a/b c?d#e%2F:${randomUUID()}`.slice(0, 60);
  const first = await client.newWorkflowDefinition({ name: other, stateMachine: machine });
  const second = await client.updateWorkflowDefinition({
    name: other,
    NewWorkflowDefinitionRequest: { name: other, stateMachine: machine },
  });
  assert.equal(second.version, 1);
  assert.deepEqual(await client.getWorkflowDefinitionByNameAndVersion({ name: other, version: 0 }), first);
  assert.deepEqual(await client.getWorkflowDefinitionVersionsByName({ name: other }), [second]);
  const all = await client.getWorkflowDefinitionVersionsByName({ name: other, latest: false });
  assert.deepEqual(all, [first, second]);
  const names = (await client.getWorkflowDefinitions()).map((definition) => definition.name);
  assert.ok(names.includes(other));
});

test("a workflow runs to its end", async () => {
  const workflow = await start("end");
  assert.equal(workflow.status, "queued");
  const ended = await until(workflow.id, "succeeded");
  assert.deepEqual(ended.jobs.map((job) => job.state), ["Choose", "Done"]);
  assert.deepEqual(ended.tags, { team: "infra" });
});

test("a failed workflow is resumed and resolved", async () => {
  const failed = await until((await start("fail")).id, "failed");
  const resumed = await client.resumeWorkflowByID({ workflowID: failed.id, overrides: { StartAt: "Broken" } });
  assert.equal(resumed.retryFor, failed.id);
  await client.resolveWorkflowByID(failed.id);
  assert.equal((await client.getWorkflowByID({ workflowID: failed.id })).resolvedByUser, true);
  await assert.rejects(client.resolveWorkflowByID(failed.id), Errors.Conflict);
});

test("a workflow is cancelled for a reason", async () => {
  const { id } = await start("wait");
  await client.CancelWorkflow({ workflowID: id, reason: { reason: "wrong input" } });
  assert.equal((await until(id, "cancelled")).statusReason, "wrong input");
});

test("all pages are walked and all filters sent", async () => {
  const begun = Date.now();
  const ids = [];
  for (let count = 0; count < 5; count++) {
    ids.unshift((await start("wait", { namespace: "dev", tags: { a: "x=y&z" } })).id);
  }
  await start("wait", { namespace: "other" });
  const query = {
    workflowDefinitionName: name,
    namespace: "dev",
    tag: ["team=infra", "a=x=y&z"],
    resolvedByUser: false,
    createdAfter: new Date(begun - 60_000).toISOString(),
    createdBefore: new Date(begun + 3_600_000).toISOString(),
    limit: 2,
  };
  const pages = client.getWorkflowsIter(query);
  assert.deepEqual(await pages.map((workflow) => workflow.id), ids);
  assert.equal((await pages.toArray()).length, 5);
  const seen = [];
  await pages.forEach((workflow) => seen.push(workflow.id));
  await pages.forEachAsync(async (workflow) => seen.push(workflow.id));
  assert.deepEqual(seen, [...ids, ...ids]);
  assert.equal((await client.getWorkflows(query)).length, 2);
  assert.deepEqual(await client.getWorkflows({ workflowDefinitionName: name, status: "succeeded", namespace: "dev" }), []);
});

test("the same start under one key is one workflow", async () => {
  const request = { workflowDefinition: { name, version: -1 }, input: '{"do": "end"}' };
  const idempotencyKey = `order ${randomUUID()}`;
  const { id } = await client.startWorkflow(request, { idempotencyKey });
  assert.equal((await client.startWorkflow(request, { idempotencyKey })).id, id);
  assert.notEqual((await client.startWorkflow(request)).id, id);
  await assert.rejects(client.startWorkflow({ ...request, input: "{}" }, { idempotencyKey }), Errors.BadRequest);
});

test("a history is read page by page", async () => {
  const { id: workflowID } = await until((await start("fail")).id, "failed");
  const events = await client.getWorkflowHistoryIter({ workflowID, limit: 2 }).toArray();
  assert.deepEqual(events.map((event) => event.id), events.map((_, index) => index + 1));
  assert.deepEqual(events.slice(0, 2).map((event) => event.type), ["ExecutionStarted", "ChoiceStateEntered"]);
  assert.deepEqual(events.at(-1).executionFailedEventDetails, { error: "My.Error", cause: "it broke" });
  assert.deepEqual(await client.getWorkflowHistory({ workflowID, limit: 2 }), events.slice(0, 2));
  const backwards = await client.getWorkflowHistoryIter({ workflowID, newestFirst: true, limit: 2 }).toArray();
  assert.deepEqual(backwards, events.reverse());
  await assert.rejects(client.getWorkflowHistory({ workflowID: "no-such-workflow" }), Errors.NotFound);
});

test("a workflow is followed to its end, and changes as they come", async () => {
  const seen = client.streamEvents({ workflowDefinitionName: name });
  const first = seen.next();
  // Until it is connected, changes pass it by.
  const starts = setInterval(() => void start("end"), 50);
  const { value: change } = await first;
  clearInterval(starts);
  assert.deepEqual([change.name, change.data.workflowDefinition.name], ["workflow", name]);
  await seen.return();

  const { id: workflowID } = await start("fail");
  const events = [];
  for await (const event of client.streamWorkflowEvents({ workflowID })) events.push(event);
  const end = events.pop();
  assert.deepEqual([end.name, end.data.status], ["end", "failed"]);
  assert.deepEqual(events.map((event) => event.data), await client.getWorkflowHistory({ workflowID }));
  const again = client.streamWorkflowEvents({ workflowID, lastEventID: end.id });
  assert.deepEqual(await again.next(), { done: true, value: undefined });
  await assert.rejects(client.streamWorkflowEvents({ workflowID: "no-such" }).next(), Errors.NotFound);
});

test("the server is ready, and tells its meters", async () => {
  await client.readinessCheck();
  assert.match(await client.getMetrics(), /^wfm_requests_total\{operation="startWorkflow",status="200"\}/m);
});

test("activities are listed, page by page too", async () => {
  const namespace = randomUUID().slice(0, 8);
  for (const name of ["a", "b"]) await createActivity(`${namespace}--${name}`);
  const found = await client.getActivitiesIter({ namespace, limit: 1 }).toArray();
  assert.deepEqual(found.map((each) => each.name), [`${namespace}--a`, `${namespace}--b`]);
  assert.equal(found[0].load.waiting, 0);
  assert.deepEqual(await client.getActivities({ namespace, limit: 1 }), found.slice(0, 1));
});

test("state resources are kept and removed", async () => {
  const key = { namespace: randomUUID(), name: "echo" };
  const posted = await client.postStateResource({ ...key, uri: "arn:one" });
  assert.equal(posted.uri, "arn:one");
  const put = await client.putStateResource({ ...key, NewStateResource: { ...key, uri: "arn:two" } });
  assert.deepEqual(await client.getStateResource(key), put);
  await client.deleteStateResource(key);
  await assert.rejects(client.getStateResource(key), Errors.NotFound);
});

test("a schedule is made, changed, backfilled and deleted", async () => {
  const schedule = `s-${randomUUID()}`;
  const plan = { cron: "0 3 * * mon", timeZone: "Asia/Tokyo", workflowDefinition: { name } };
  assert.equal((await client.newSchedule({ name: schedule, ...plan })).version, 1);
  await assert.rejects(client.newSchedule({ name: schedule, ...plan }), Errors.Conflict);
  const changed = await client.applySchedule({ name: schedule, schedule: { ...plan, overlap: "queue" } });
  assert.deepEqual([changed.version, changed.overlap], [2, "queue"]);
  assert.equal((await client.pauseSchedule({ name: schedule, reason: "holidays" })).pauseReason, "holidays");
  assert.equal((await client.resumeSchedule(schedule)).paused, undefined);
  const { times } = await client.getScheduleTimes({ name: schedule, limit: 2 });
  const [first, second] = times.map(Date.parse);
  const week = 7 * 86_400_000;
  assert.equal(second - first, week);
  const range = { startAt: new Date(first - 4 * week).toISOString(), endAt: new Date(first - 2 * week).toISOString() };
  assert.deepEqual(await client.backfillSchedule({ name: schedule, ...range }), { times: 3 });
  const found = [];
  for await (const each of client.getSchedulesIter({ limit: 1 })) found.push(each.name);
  assert.ok(found.includes(schedule));
  assert.ok((await client.getSchedules()).length >= 1);
  await client.deleteSchedule(schedule);
  await assert.rejects(client.getSchedule(schedule), Errors.NotFound);
});

test("a webhook is made, changed and deleted", async () => {
  const wanted = { url: "http://127.0.0.1:9/nobody", namespace: randomUUID() };
  const { id, secret } = await client.newWebhook(wanted);
  assert.match(secret, /^whsec_/);
  assert.equal((await client.getWebhook(id)).secret, undefined);
  const webhook = { ...wanted, statuses: ["failed"] };
  assert.deepEqual((await client.updateWebhook({ webhookID: id, webhook })).statuses, ["failed"]);
  assert.equal((await client.disableWebhook({ webhookID: id, reason: "tired" })).disabledReason, "tired");
  assert.equal((await client.enableWebhook(id)).disabled, undefined);
  assert.ok((await client.getWebhooks()).some((each) => each.id === id));
  assert.deepEqual(await client.getWebhookDeliveries({ webhookID: id, status: "dead" }), []);
  for await (const each of client.getWebhookDeliveriesIter({ webhookID: id })) assert.fail(each.id);
  await assert.rejects(client.redeliverWebhookDelivery({ webhookID: id, deliveryID: "none" }), Errors.NotFound);
  await client.deleteWebhook(id);
  await assert.rejects(client.getWebhook(id), Errors.NotFound);
});

test("errors have types and say why", async () => {
  await assert.rejects(client.getWorkflowDefinitionByNameAndVersion({ name: "no-such", version: 9 }), (error) => {
    assert.ok(error instanceof Errors.NotFound && error instanceof Errors.WorkflowManagerError);
    assert.equal(error.name, "NotFound");
    assert.deepEqual([error.status, error.message], [404, "no-such@9"]);
    return true;
  });
  await assert.rejects(client.newWorkflowDefinition({ name, stateMachine: machine }), Errors.Conflict);
  const bad = { StartAt: "Nowhere", States: { A: { Type: "Succeed" } } };
  await assert.rejects(client.newWorkflowDefinition({ name: "bad", stateMachine: bad }), Errors.BadRequest);
});

for (const [language, stateMachine] of Object.entries(sinks)) {
  test(`a definition in ${language} comes back with every field`, async () => {
    const sink = `sink-${randomUUID()}`;
    const made = await client.newWorkflowDefinition({ name: sink, stateMachine });
    assert.deepEqual(made.stateMachine, stateMachine);
    const again = await client.updateWorkflowDefinition({
      name: sink,
      NewWorkflowDefinitionRequest: { name: sink, stateMachine: made.stateMachine },
    });
    assert.deepEqual(again.stateMachine, stateMachine);
  });
}

test("CommonJS gets the same client", async () => {
  const required = createRequire(import.meta.url)("workflow-manager-client");
  await new required.WorkflowManager({ address }).healthCheck();
  assert.deepEqual(Object.keys(required).filter((key) => key !== "__esModule").sort(), [
    "Errors", "Pages", "RetryPolicies", "VERSION", "WorkflowManager",
  ]);
});
