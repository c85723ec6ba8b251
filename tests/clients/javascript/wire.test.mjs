// What the JavaScript client sends again, and what it makes of strange answers.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { Errors, RetryPolicies, WorkflowManager } from "workflow-manager-client";

const WORKFLOW = { id: "one", createdAt: "", lastUpdated: "", stoppedAt: "", retries: [] };
const FAST = { pauses: [1, 1] };

/** A client whose requests are answered by `answer`, and the requests that it has sent. */
function calling(answer, options = {}) {
  const sent = [];
  const fetch = async (request, init) => {
    sent.push(request);
    return answer(sent.length, request, init);
  };
  return { client: new WorkflowManager({ address: "http://server/base/", fetch, retryPolicy: FAST, ...options }), sent };
}

const json = (status, body, headers) => new Response(JSON.stringify(body), { status, headers });
const get = (client) => client.getWorkflowByID({ workflowID: "one" });

test("a 5xx is tried again, with the same body", async () => {
  const bodies = [];
  const { client, sent } = calling(async (count, request) => {
    bodies.push(await request.text());
    return count < 3 ? json(503, { message: "later" }) : json(201, { lastUpdated: "" });
  });
  await client.putStateResource({ namespace: "n", name: "m", NewStateResource: { name: "m", namespace: "n" } });
  assert.equal(sent.length, 3);
  assert.deepEqual(bodies, Array(3).fill('{"name":"m","namespace":"n"}'));
});

test("what must not be sent again is not", async () => {
  for (const [status, call, options] of [
    [500, (client) => client.startWorkflow({ workflowDefinition: { name: "n" } }), {}],
    [404, get, {}],
    [500, get, { retryPolicy: RetryPolicies.None }],
  ]) {
    const { client, sent } = calling(() => json(status, { message: "m" }), options);
    await assert.rejects(call(client), Errors.ResponseError);
    assert.equal(sent.length, 1);
  }
});

test("a start with a key is sent again under that key", async () => {
  const answer = (count) => (count === 1 ? json(500, {}) : json(200, WORKFLOW));
  const { client, sent } = calling(answer);
  await client.startWorkflow({ workflowDefinition: { name: "n" } }, { idempotencyKey: "order 7" });
  assert.deepEqual(sent.map((request) => request.headers.get("Idempotency-Key")), ["order 7", "order 7"]);
});

test("a call may have a policy of its own", async () => {
  const { client, sent } = calling(() => json(500, {}));
  await assert.rejects(client.getWorkflowDefinitions({ retryPolicy: RetryPolicies.None }), Errors.InternalError);
  assert.equal(sent.length, 1);
});

test("every status has an error", async () => {
  for (const [status, body, kind, message] of [
    [400, '{"message":"no"}', Errors.BadRequest, "no"],
    [404, "{}", Errors.NotFound, ""],
    [409, "<html>", Errors.Conflict, "<html>"],
    [401, '{"message":"key"}', Errors.UnexpectedResponse, "key"],
    [503, "Request timed out", Errors.UnexpectedResponse, "Request timed out"],
    [400, "null", Errors.BadRequest, "null"],
  ]) {
    const { client } = calling(() => new Response(body, { status }), { retryPolicy: RetryPolicies.None });
    await assert.rejects(get(client), (error) => {
      assert.equal(error.constructor, kind);
      assert.deepEqual([error.status, error.message, error.body], [status, message, body]);
      return true;
    });
  }
});

test("a success of another shape is an error", async () => {
  for (const body of ["", "<html>", "[]", "null", "1"]) {
    const { client } = calling(() => new Response(body, { headers: { "content-type": "text/html" } }));
    await assert.rejects(get(client), Errors.UnexpectedResponse);
  }
  const { client } = calling(() => json(200, {}));
  await assert.rejects(client.getWorkflowDefinitions(), Errors.UnexpectedResponse);
});

test("what cannot be right is not sent", async () => {
  const { client, sent } = calling(() => json(200, WORKFLOW));
  await assert.rejects(client.getWorkflowByID({ workflowID: "" }), Errors.InvalidRequest);
  await assert.rejects(client.newWorkflowDefinition({ stateMachine: { n: 1n } }), Errors.InvalidRequest);
  for (const idempotencyKey of ["", "a\nb", "é"]) {
    await assert.rejects(client.startWorkflow({}, { idempotencyKey }), Errors.InvalidRequest);
  }
  await assert.rejects(client.getWorkflowHistory({ workflowID: "" }), Errors.InvalidRequest);
  await assert.rejects(client.getWorkflowHistoryIter({ workflowID: "" }).toArray(), Errors.InvalidRequest);
  assert.equal(sent.length, 0);
  for (const address of ["", "localhost:8080", "ftp://server"]) {
    assert.throws(() => new WorkflowManager({ address }), Errors.InvalidRequest);
  }
});

test("no answer is told apart from a late one, and a late body is late too", async () => {
  const server = createServer((request, response) => {
    if (request.url.startsWith("/workflows/one")) return response.writeHead(200).write("{");
    if (request.url === "/_health") return request.socket.destroy();
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const address = `http://127.0.0.1:${server.address().port}`;
  const hasty = new WorkflowManager({ address, timeout: 100 });
  await assert.rejects(get(hasty), Errors.TimedOut);
  await assert.rejects(hasty.getWorkflowDefinitions(), Errors.TimedOut);
  const patient = new WorkflowManager({ address, timeout: 120_000 });
  await assert.rejects(patient.healthCheck(), (error) => error.constructor === Errors.ConnectionFailed);
  server.closeAllConnections();
  server.close();
});

test("pages are asked for as they are taken, and as they are written", async () => {
  const { client, sent } = calling((count) =>
    json(200, [WORKFLOW], count === 1 ? { "X-Next-Page-Path": "/workflows?pageToken=a%2Bb%26{c}" } : {}),
  );
  const pages = client.getWorkflowsIter({ workflowDefinitionName: "n" })[Symbol.asyncIterator]();
  assert.equal(sent.length, 0);
  await pages.next();
  assert.equal(sent.length, 1);
  await pages.next();
  assert.equal((await pages.next()).done, true);
  assert.equal(sent[1].url, "http://server/base/workflows?pageToken=a%2Bb%26{c}");
});

test("the next page is never on another server", async () => {
  const follow = async (path) => {
    const { client, sent } = calling(
      (count) => json(200, [WORKFLOW], count === 1 ? { "X-Next-Page-Path": path } : {}),
      { apiKey: "secret" },
    );
    await client.getWorkflowsIter({ workflowDefinitionName: "n" }).toArray();
    return sent.map((request) => [new URL(request.url).host, request.headers.get("authorization")]);
  };
  await assert.rejects(follow("http://elsewhere/workflows"), Errors.UnexpectedResponse);
  assert.deepEqual(await follow("//elsewhere/workflows"), Array(2).fill(["server", "Bearer secret"]));
});

const ENTERED = { timestamp: "", type: "PassStateEntered" };
const told = (id, name, data) => `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

test("a stream that breaks off is taken up where it was", async () => {
  const asked = [];
  const { client } = calling((count, request) => {
    asked.push(request.headers.get("Last-Event-ID"));
    assert.equal(request.url, "http://server/base/workflows/a%2Fb/events");
    if (count === 1) return new Response(`retry: 1\n\n: hello\n\n${told(1, "history", { id: 1, ...ENTERED })}id: 2\nda`);
    if (count === 2) return json(503, { message: "going down" });
    if (count === 3) throw new TypeError("fetch failed");
    return new Response(told(2, "history", { id: 2, ...ENTERED }) + told(2, "end", WORKFLOW));
  });
  const events = [];
  for await (const event of client.streamWorkflowEvents({ workflowID: "a/b" })) events.push(event);
  assert.deepEqual(events.map(({ id, name }) => [id, name]), [["1", "history"], ["2", "history"], ["2", "end"]]);
  assert.equal(events[2].data.id, "one");
  assert.deepEqual(asked, [null, "1", "1", "1"]);
});

test("a stream that cannot go on says why", async () => {
  for (const [answer, kind] of [
    [() => json(404, { message: "one" }), Errors.NotFound],
    [() => new Response("data: {\n\n"), Errors.UnexpectedResponse],
  ]) {
    await assert.rejects(calling(answer).client.streamWorkflowEvents({ workflowID: "one" }).next(), kind);
  }
});

test("a stream ends when its reader says so", async () => {
  const controller = new AbortController();
  const { client } = calling((count, request, init) => {
    const silent = new ReadableStream({ start: (c) => init.signal.addEventListener("abort", () => c.error(new Error())) });
    return new Response(silent);
  });
  const next = client.streamEvents({}, { signal: controller.signal }).next();
  setTimeout(() => controller.abort(new Error("enough")), 1);
  await assert.rejects(next, /enough/);
});
