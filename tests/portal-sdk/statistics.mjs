// How applications use APIs, as gateways report it.

import assert from "node:assert/strict";
import test from "node:test";
import { application, developer, NOBODY, published, register, registry, statuses } from "./world.mjs";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const radia = await developer("radia@example.test");
const [phone, desk] = [await application(radia, "Phone"), await application(radia, "Desk")];
const other = await developer("other@example.test");
const foreign = await application(other, "Foreign");

const end_ms = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS;
const start_ms = end_ms - DAY_MS;
const ask = (query, client = radia) =>
  client.analytics.queryApplicationAnalytics({
    queryApplicationAnalytics: { start_ms, end_ms, metrics: ["REQUEST_COUNT"], ...query },
  });
const events = (answer) => answer.data.records.map((record) => record.event);
const only = (dimension, ...values) => ({ dimension, type: "IN", values });

// Counts requests; buckets 4 and 8 are 4 to 6 and 16 to 24 ms.
async function use() {
  const count = async (client, { id }, uses) => {
    await register(client, { id }, published.version);
    const { data } = await client.credentials.createCredential({ applicationId: id });
    const one = ([status, bucket, requests, ago_ms]) => ({
      credential: data.id,
      service: published.service,
      status,
      last_ms: Date.now() - ago_ms,
      latencies: [{ bucket, requests }],
    });
    return uses.map(one);
  };
  const counts = [
    await count(radia, phone, [[200, 4, 90, 0], [404, 4, 6, 0], [403, 8, 4, 3 * HOUR_MS]]),
    await count(radia, desk, [[200, 8, 30, 3 * HOUR_MS], [503, 8, 10, 3 * HOUR_MS]]),
    await count(other, foreign, [[200, 4, 1000, 0]]),
  ].flat();
  const gateway = { gateway: "edge", vm: "1", sequence: 1, version: "0.1.0", revision: 1, age_ms: 5 };
  await registry.use({ ...gateway, warnings: [], counts });
}
await use();

test("usage is collected, with percentiles, for ninety days", async () => {
  const { data } = await radia.analytics.getApplicationAnalyticsConfig();
  assert.deepEqual(data, { analytics: { percentiles: true, retention_ms: 90 * DAY_MS } });
});

test("without dimensions there is one figure, of the developer's own applications", async () => {
  const answer = await ask({});
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.data.records, [
    { event: { REQUEST_COUNT: 140 }, timestamp: new Date(start_ms).toISOString() },
  ]);
  assert.deepEqual(answer.data.meta, {
    dimensions: {},
    metric_names: ["REQUEST_COUNT"],
    metric_units: { REQUEST_COUNT: "count" },
    start_ms,
    end_ms,
    truncated: false,
    granularity: DAY_MS,
  });
});

test("figures are told apart by application, version and status", async () => {
  const by = async (...dimensions) => {
    const answer = await ask({ dimensions });
    return [events(answer), answer.data.meta.dimensions];
  };
  const [applications, { APPLICATION }] = await by("APPLICATION");
  assert.deepEqual(new Set(APPLICATION), new Set(["Phone", "Desk"]));
  assert.deepEqual(
    new Map(applications.map((event) => [event.APPLICATION, event.REQUEST_COUNT])),
    new Map(APPLICATION.map((name) => [name, name === "Phone" ? 100 : 40])),
  );
  const [versions] = await by("API_PRODUCT_VERSION");
  assert.deepEqual(versions, [{ API_PRODUCT_VERSION: "Weather - v1", REQUEST_COUNT: 140 }]);
  const [codes] = await by("STATUS_CODE");
  assert.deepEqual(codes, [
    { STATUS_CODE: "200", REQUEST_COUNT: 120 },
    { STATUS_CODE: "403", REQUEST_COUNT: 4 },
    { STATUS_CODE: "404", REQUEST_COUNT: 6 },
    { STATUS_CODE: "503", REQUEST_COUNT: 10 },
  ]);
  const [grouped] = await by("STATUS_CODE_GROUPED", "API_PRODUCT_VERSION");
  assert.deepEqual(
    grouped.map((event) => [event.STATUS_CODE_GROUPED, event.REQUEST_COUNT]),
    [["2XX", 120], ["4XX", 10], ["5XX", 10]],
  );
});

test("figures are told apart by time, in the steps that are asked for", async () => {
  const answer = await ask({ dimensions: ["TIME"], granularity_ms: HOUR_MS });
  assert.equal(answer.data.meta.granularity, HOUR_MS);
  assert.deepEqual(events(answer), [{ REQUEST_COUNT: 44 }, { REQUEST_COUNT: 96 }]);
  const [earlier, later] = answer.data.records.map((record) => Date.parse(record.timestamp));
  assert.equal(later - earlier, 3 * HOUR_MS);
  assert.equal((earlier - start_ms) % HOUR_MS, 0, "steps begin where the question does");
  const halves = await ask({ dimensions: ["TIME"], start_ms: end_ms - 2 * DAY_MS });
  assert.equal(halves.data.records[0].timestamp, new Date(start_ms).toISOString());
  const fine = await ask({ dimensions: ["TIME", "STATUS_CODE_GROUPED"], granularity_ms: MINUTE_MS });
  assert.equal(fine.data.meta.granularity, 5 * MINUTE_MS, "no finer than it is counted");
});

test("filters take values in and leave them out", async () => {
  const total = async (...filter) => events(await ask({ filter }))[0]?.REQUEST_COUNT;
  assert.equal(await total(only("APPLICATION", phone.id)), 100);
  assert.equal(await total({ ...only("APPLICATION", phone.id), type: "NOT_IN" }), 40);
  assert.equal(await total(only("APPLICATION", phone.id), only("STATUS_CODE_GROUPED", "4XX")), 10);
  assert.equal(await total(only("STATUS_CODE", 404, 503)), 16);
  assert.equal(await total({ ...only("STATUS_CODE_GROUPED", "2XX"), type: "NOT_IN" }), 20);
  assert.equal(await total(only("API_PRODUCT_VERSION", published.version)), 140);
  assert.equal(await total(only("API_PRODUCT_VERSION", NOBODY)), undefined);
  assert.equal(await total(only("APPLICATION")), undefined);
  assert.equal(await total(only("APPLICATION", foreign.id)), undefined, "another's are not there");
});

test("rates and latencies have Konnect's units", async () => {
  const measure = async (metric) => {
    const answer = await ask({ metrics: [metric], filter: [only("APPLICATION", phone.id)] });
    return [events(answer)[0]?.[metric], answer.data.meta.metric_units[metric]];
  };
  assert.deepEqual(await measure("REQUEST_PER_MINUTE"), [100 / (24 * 60), "count/minute"]);
  const [median, unit] = await measure("RESPONSE_LATENCY_P50");
  assert.ok(median > 4 && median < 6, `${median}`);
  assert.equal(unit, "ms");
  const [slowest] = await measure("RESPONSE_LATENCY_P99");
  assert.ok(slowest > 16 && slowest <= 24, `${slowest}`);
  const [slow] = await measure("RESPONSE_LATENCY_P95");
  assert.ok(slow > 4 && slow <= 6, `${slow}`);
});

test("what gateways do not report is not made up", async () => {
  for (const metric of ["REQUEST_SIZE_P50", "RESPONSE_SIZE_P99"]) {
    const answer = await ask({ metrics: [metric], dimensions: ["APPLICATION"] });
    assert.deepEqual([answer.status, answer.data.records], [200, []]);
    assert.equal(answer.data.meta.metric_units[metric], "bytes");
  }
});

test("applications of one name are told apart", async () => {
  const twin = await developer("twin@example.test");
  const [one, same] = [await application(twin, "Same"), await application(twin, "Same")];
  const made = [];
  for (const { id } of [one, same]) made.push(await twin.credentials.createCredential({ applicationId: id }));
  const counts = made.map(({ data }) => ({
    credential: data.id,
    service: published.service,
    status: 200,
    last_ms: Date.now(),
    latencies: [{ bucket: 0, requests: 1 }],
  }));
  const gateway = { gateway: "edge", vm: "1", sequence: 2, version: "0.1.0", revision: 1, age_ms: 5 };
  await registry.use({ ...gateway, warnings: [], counts });
  const answer = await ask({ dimensions: ["APPLICATION"] }, twin);
  const names = events(answer).map((event) => event.APPLICATION);
  assert.deepEqual(new Set(names), new Set([one, same].map(({ id }) => `Same (${id})`)));
});

test("a question that is none is refused", async () => {
  const refused = [
    await ask({ metrics: [] }),
    await ask({ metrics: ["REQUEST_COUNT", "REQUEST_PER_MINUTE"] }),
    await ask({ metrics: ["LUCK"] }),
    await ask({ dimensions: ["TIME", "APPLICATION", "STATUS_CODE"] }),
    await ask({ dimensions: ["MOON"] }),
    await ask({ granularity_ms: 0 }),
    await ask({ end_ms: start_ms - 1 }),
    await ask({ start_ms: undefined }),
    await ask({ owner: "everyone" }),
    await ask({ filter: [only("STATUS_CODE_GROUPED", "2xx")] }),
    await ask({ filter: [only("STATUS_CODE", 99)] }),
    await ask({ filter: [only("APPLICATION", "none")] }),
    await ask({ filter: [only("TIME", 1)] }),
    await ask({ filter: [{ dimension: "APPLICATION", type: "LIKE", values: [] }] }),
  ];
  assert.deepEqual(new Set(statuses(refused)), new Set([400]));
});
