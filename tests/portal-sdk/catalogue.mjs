// What there is to see: products, their documents, their versions and specifications.

import assert from "node:assert/strict";
import test from "node:test";
import { ada, application, NOBODY, published, register, SPECIFICATION, statuses } from "./world.mjs";

const { product: productId, version: productVersionId } = published;
const missing = { productId: NOBODY, productVersionId: NOBODY };
const TREE = "application/vnd.konnect.document-tree+json";
const NODES = "application/vnd.konnect.document-nodes+json";

const names = (answer) => answer.data.data.map((one) => one.name);

test("products are listed with what is published, and searched", async () => {
  const { data } = await ada.products.listProducts();
  assert.deepEqual(data.meta.page, { number: 1, size: 10, total: 1 });
  const [weather] = data.data;
  assert.deepEqual(
    [weather.id, weather.version_count, weather.document_count, weather.latest_version.name],
    [productId, 2, 2, "v2"],
  );
  const search = { indices: "product-catalog", q: "weath", pageNumber: 1, pageSize: 12, join: "versions" };
  const found = await ada.search.searchPortalEntities(search);
  assert.equal(found.data.data[0].source.id, productId);
  assert.equal(found.data.data[0].index, "product-catalog");
  const nothing = await ada.search.searchPortalEntities({ ...search, q: "secret" });
  assert.deepEqual(nothing.data.data, [], "what is not published is not found");
  assert.equal((await ada.search.searchPortalEntities({ ...search, indices: "people" })).status, 400);
});

test("products are filtered by name, description and id", async () => {
  for (const [filter, expected] of [
    [{ filterName: "Weather" }, 1],
    [{ filterNameEq: "Weathe" }, 0],
    [{ filterNameContains: "EATH" }, 1],
    [{ filterDescription: "Tells the weather" }, 1],
    [{ filterDescriptionEq: "Tells" }, 0],
    [{ filterDescriptionContains: "the w" }, 1],
    [{ filterId: productId }, 1],
    [{ filterIdEq: NOBODY }, 0],
  ]) {
    const { data } = await ada.products.listProducts(filter);
    assert.equal(data.meta.page.total, expected, JSON.stringify(filter));
  }
});

test("pages have the size that is asked for, within bounds", async () => {
  const second = await ada.versions.listProductVersions({ productId, pageSize: 1, pageNumber: 2 });
  assert.deepEqual(second.data.meta.page, { number: 2, size: 1, total: 2 });
  assert.equal(second.data.data.length, 1);
  const beyond = await ada.versions.listProductVersions({ productId, pageSize: 100, pageNumber: 9 });
  assert.deepEqual(beyond.data.data, []);
  for (const page of [{ pageSize: 0 }, { pageSize: 101 }, { pageNumber: 0 }, { pageSize: -1 }]) {
    const answer = await ada.products.listProducts(page);
    assert.equal(answer.status, 400, JSON.stringify(page));
  }
});

test("a product that is not published is as missing as one that never was", async () => {
  assert.equal((await ada.products.getProduct({ productId })).data.name, "Weather");
  const answers = [
    await ada.products.getProduct(missing),
    await ada.products.getProductActions(missing),
    await ada.versions.listProductVersions(missing),
    await ada.documentation.listProductDocuments(missing),
    await ada.products.getProduct({ productId: "none" }),
  ];
  assert.deepEqual(statuses(answers), [404, 404, 404, 404, 404]);
});

test("a developer hears what they may do", async () => {
  const { data } = await ada.products.getProductActions({ productId });
  assert.deepEqual(data.actions, { view: true, register: true, view_documentation: true });
});

test("versions say how applications register for them", async () => {
  const { data } = await ada.versions.getProductVersion({ productId, productVersionId });
  assert.equal(data.name, "v1");
  const [config, ...more] = data.registration_configs;
  assert.deepEqual(more, [], "front-ends look at the first alone");
  assert.deepEqual(
    [config.id, config.credential_type, config.registration_enabled, config.registration_auto_approve],
    [published.strategy, "key_auth", true, true],
  );
  const { data: listed } = await ada.versions.listProductVersions({ productId, filterNameContains: "1" });
  assert.deepEqual(listed.data, [data]);
  const unknown = await ada.versions.getProductVersion({ ...missing, productId });
  assert.equal(unknown.status, 404);
});

test("a specification is a text, and none is no content", async () => {
  const { data } = await ada.versions.getProductVersionSpec({ productId, productVersionId });
  assert.deepEqual(data, { api_type: "openapi", content: SPECIFICATION });
  const operations = await ada.versions.getProductVersionSpecOperations({ productId, productVersionId });
  assert.deepEqual(operations.data.operations[0], {
    path: "/weather",
    method: "get",
    operation_id: "tellWeather",
    tags: ["weather"],
    summary: "Tells the weather",
    deprecated: false,
  });
  const without = { productId, productVersionId: published.approving };
  const unknown = { productId, productVersionId: NOBODY };
  const answers = [
    await ada.versions.getProductVersionSpec(without),
    await ada.versions.getProductVersionSpecOperations(without),
    await ada.versions.getProductVersionSpec(unknown),
    await ada.versions.getProductVersionSpecOperations(unknown),
  ];
  assert.deepEqual(statuses(answers), [204, 204, 404, 404]);
});

test("documents are a list or a tree, as asked for", async () => {
  const list = await ada.documentation.listProductDocuments({ productId });
  assert.deepEqual(list.data.data.map((one) => one.slug), ["start", "keys"]);
  const tree = await ada.documentation.listProductDocuments({ productId, accept: TREE });
  assert.equal(tree.headers["content-type"], TREE);
  assert.equal(tree.data.data[0].children[0].slug, "keys");
});

test("a document is read by its slug and by its id, as Markdown and as nodes", async () => {
  for (const documentId of ["start", published.document]) {
    const json = await ada.documentation.getProductDocument({ productId, documentId, accept: "application/json" });
    assert.match(json.data.content, /^# Start/);
    const nodes = await ada.documentation.getProductDocument({ productId, documentId, accept: NODES });
    assert.equal(nodes.headers["content-type"], NODES);
    assert.deepEqual(
      nodes.data.content.children.map((one) => one.type),
      ["heading", "paragraph", "table"],
    );
    const text = await ada.documentation.getProductDocument({ productId, documentId, accept: "text/markdown" });
    assert.match(text.data, /^# Start/);
  }
  const unknown = await ada.documentation.getProductDocument({ productId, documentId: "none" });
  assert.equal(unknown.status, 404);
});

test("a version's applications are those that are registered, or those that could be", async () => {
  const [one, other] = [await application(ada, "Registered"), await application(ada, "Not registered")];
  const registration = await register(ada, one, published.approving);
  const of = { productId, productVersionId: published.approving };
  const ask = (filter) => ada.versions.getApplicationsByProductVersion({ ...of, ...filter });
  const registered = await ask({});
  assert.deepEqual(names(registered), ["Registered"]);
  assert.deepEqual(
    [registered.data.data[0].registration_id, registered.data.data[0].registration_status],
    [registration.id, "pending"],
  );
  const eligible = await ask({ unregistered: true, filterAuthStrategyId: published.strategy });
  assert.ok(names(eligible).includes("Not registered") && !names(eligible).includes("Registered"));
  assert.deepEqual(names(await ask({ filterStatus: "approved" })), []);
  assert.deepEqual(names(await ask({ filterNameContains: "regi" })), ["Registered"]);
  assert.deepEqual(names(await ask({ filterStatusEq: "pending", filterNameEq: "Registered" })), ["Registered"]);
  assert.deepEqual(names(await ask({ unregistered: true, filterAuthStrategyIdEq: NOBODY })), []);
  const refused = [
    await ask({ filterStatus: "asleep" }),
    await ask({ pageSize: 101 }),
    await ada.versions.getApplicationsByProductVersion(missing),
  ];
  assert.deepEqual(statuses(refused), [400, 400, 404]);
  for (const { id } of [one, other]) await ada.applications.deleteApplication({ applicationId: id });
});
