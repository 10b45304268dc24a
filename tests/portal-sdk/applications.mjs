// A developer's applications.

import assert from "node:assert/strict";
import test from "node:test";
import { application, developer, NOBODY, published, registry, statuses } from "./world.mjs";

const grace = await developer("grace@example.test");
const { applications } = grace;
const create = (createApplicationPayload) => applications.createApplication({ createApplicationPayload });
const update = (applicationId, updateApplicationPayload) =>
  applications.updateApplication({ applicationId, updateApplicationPayload });

test("an application has what it was given", async () => {
  const given = {
    name: "Given",
    reference_id: "given-1",
    description: "Has everything",
    redirect_uri: "https://example.test/back",
    auth_strategy_id: published.strategy,
    scopes: [],
  };
  const { status, data } = await create(given);
  assert.equal(status, 201);
  const { auth_strategy_id: strategy, scopes: _, ...shown } = given;
  assert.deepEqual({ ...data, ...shown }, data);
  assert.equal(data.auth_strategy.id, strategy);
  assert.deepEqual(data.auth_strategy.key_names, ["apikey"]);
  assert.equal(data.credentials, undefined, "a key is made when it is asked for");
  const { data: read } = await applications.getApplication({ applicationId: data.id });
  assert.deepEqual(read, data);
});

test("an application needs a name alone, and takes the portal's strategy", async () => {
  const path = `/v2/portals/${published.portal}`;
  assert.equal((await create({ name: "No strategy" })).status, 400);
  await registry.admin("PATCH", path, { default_application_auth_strategy_id: published.strategy });
  for (const more of [{}, { auth_strategy_id: null }]) {
    const { status, data } = await create({ name: "Plain", ...more });
    assert.equal(status, 201);
    assert.equal(data.auth_strategy.id, published.strategy);
    assert.ok(data.reference_id, "one is made up");
    assert.equal(data.description, null);
  }
  await registry.admin("PATCH", path, { default_application_auth_strategy_id: null });
});

test("what an application may not be is refused, and names the field", async () => {
  const strategy = { auth_strategy_id: published.strategy };
  for (const [body, field] of [
    [{ ...strategy }, "name"],
    [{ ...strategy, name: "x".repeat(256) }, "name"],
    [{ ...strategy, name: 7 }, "name"],
    [{ ...strategy, name: "x", reference_id: "x".repeat(256) }, "reference_id"],
    [{ ...strategy, name: "x", redirect_uri: "nowhere" }, "redirect_uri"],
    [{ ...strategy, name: "x", owner: "me" }, "owner"],
    [{ ...strategy, name: "x", scopes: ["read"] }, "scopes"],
    [{ name: "x", auth_strategy_id: NOBODY }, "auth_strategy_id"],
    [{ name: "x", auth_strategy_id: "none" }, "auth_strategy_id"],
  ]) {
    const { status, data } = await create(body);
    assert.equal(status, 400, JSON.stringify(body));
    assert.equal(data.invalid_parameters[0].field, field);
    assert.equal(typeof data.message, "string", "front-ends show it");
  }
});

test("a description may be as long as front-ends let it be", async () => {
  const strategy = { auth_strategy_id: published.strategy };
  assert.equal((await create({ ...strategy, name: "Long", description: "x".repeat(2048) })).status, 201);
  assert.equal((await create({ ...strategy, name: "Long", description: "x".repeat(2049) })).status, 400);
});

test("a reference id is one application's", async () => {
  const strategy = { auth_strategy_id: published.strategy };
  assert.equal((await create({ ...strategy, name: "One", reference_id: "same" })).status, 201);
  assert.equal((await create({ ...strategy, name: "Two", reference_id: "same" })).status, 409);
  const two = await application(grace, "Two");
  assert.equal((await update(two.id, { reference_id: "same" })).status, 409);
});

test("an application is changed by what is named, and by nothing else", async () => {
  const { id } = await application(grace, "Before");
  const { status, data } = await update(id, { name: "After", description: "New" });
  assert.deepEqual([status, data.name, data.description], [200, "After", "New"]);
  const same = await update(id, {});
  assert.deepEqual([same.status, same.data.name], [200, "After"]);
  const refused = [
    await update(id, { name: "x".repeat(256) }),
    await update(id, { status: "approved" }),
    await update(NOBODY, { name: "x" }),
  ];
  assert.deepEqual(statuses(refused), [400, 400, 404]);
});

test("applications are listed by name, in pages, and filtered", async () => {
  const hedy = await developer("hedy@example.test");
  for (const name of ["Beta", "alpha", "Gamma"]) await application(hedy, name);
  const names = async (filter) => {
    const { data } = await hedy.applications.listApplications(filter);
    return data.data.map((one) => one.name);
  };
  assert.deepEqual(await names({}), ["alpha", "Beta", "Gamma"]);
  assert.deepEqual(await names({ pageSize: 2, pageNumber: 2 }), ["Gamma"]);
  assert.deepEqual(await names({ filterNameContains: "A", pageSize: 25 }), ["alpha", "Beta", "Gamma"]);
  assert.deepEqual(await names({ filterName: "Beta" }), ["Beta"]);
  assert.deepEqual(await names({ filterNameEq: "beta" }), []);
  assert.deepEqual(await names({ filterAuthStrategyId: published.strategy, filterName: "alpha" }), ["alpha"]);
  assert.deepEqual(await names({ filterAuthStrategyIdEq: NOBODY }), []);
  assert.equal((await hedy.applications.listApplications({ pageSize: 0 })).status, 400);
});

test("a deleted application is gone, and deleting it again finds nothing", async () => {
  const { id: applicationId } = await application(grace, "Short-lived");
  const answers = [
    await applications.deleteApplication({ applicationId }),
    await applications.getApplication({ applicationId }),
    await applications.deleteApplication({ applicationId }),
  ];
  assert.deepEqual(statuses(answers), [204, 404, 404]);
});

test("strategies are listed and filtered", async () => {
  const list = async (filter) => {
    const { data } = await applications.listApplicationAuthStrategies(filter);
    return data.data.map((one) => one.id);
  };
  assert.deepEqual(await list({}), [published.strategy]);
  assert.deepEqual(await list({ filterCredentialTypeEq: "key_auth", filterNameContains: "Ke" }), [published.strategy]);
  assert.deepEqual(await list({ filterCredentialTypeEq: "client_credentials" }), []);
  assert.deepEqual(await list({ filterName: "Key", filterNameEq: "Key" }), [published.strategy]);
  const refused = [
    await applications.listApplicationAuthStrategies({ pageSize: 101 }),
    await applications.listApplicationAuthStrategies({ filterCredentialTypeEq: "magic" }),
  ];
  assert.deepEqual(statuses(refused), [400, 400]);
});
