// What somebody hears who is not logged in, or is another.

import assert from "node:assert/strict";
import test from "node:test";
import { ada, application, developer, published, register, registry, statuses, stranger } from "./world.mjs";

const mallory = await developer("mallory@example.test");
const own = await application(ada, "Private");
const registration = await register(ada, own, published.version);
const { data: credential } = await ada.credentials.createCredential({ applicationId: own.id });

const ids = {
  applicationId: own.id,
  registrationId: registration.id,
  credentialId: credential.id,
  productId: published.product,
  productVersionId: published.version,
};

// Everything that is about one application.
const about = (client) => [
  client.applications.getApplication(ids),
  client.applications.updateApplication({ ...ids, updateApplicationPayload: { name: "Mine" } }),
  client.applications.getApplicationProductVersionGrantedScopes(ids),
  client.credentials.listCredentials(ids),
  client.credentials.createCredential({ ...ids, createCredentialPayload: {} }),
  client.credentials.updateCredential({ ...ids, updateCredentialPayload: { display_name: "Mine" } }),
  client.credentials.deleteCredential(ids),
  client.credentials.refreshApplicationToken(ids),
  client.registrations.listApplicationRegistrations(ids),
  client.registrations.createApplicationRegistration({
    ...ids,
    createRegistrationPayload: { product_version_id: published.approving },
  }),
  client.registrations.getApplicationRegistration(ids),
  client.registrations.deleteApplicationRegistration(ids),
  client.registrations.getApplicationRegistrationGrantedScopes(ids),
  client.applications.deleteApplication(ids),
];

test("another developer's application is as missing as one that never was", async () => {
  const answers = await Promise.all(about(mallory));
  assert.deepEqual(new Set(statuses(answers)), new Set([404]));
  const { data } = await ada.credentials.listCredentials(ids);
  assert.deepEqual(data.data.map((one) => one.id), [credential.id], "nothing came of it");
});

test("whoever is not logged in hears that from everything that is a developer's", async () => {
  const client = stranger();
  const answers = await Promise.all([
    ...about(client),
    client.developer.getDeveloperMe(),
    client.applications.listApplications(),
    client.applications.createApplication({ createApplicationPayload: { name: "x" } }),
    client.applications.listApplicationAuthStrategies(),
    client.versions.getApplicationsByProductVersion(ids),
    client.analytics.getApplicationAnalyticsConfig(),
    client.analytics.queryApplicationAnalytics({
      queryApplicationAnalytics: { start_ms: 0, end_ms: 1, metrics: ["REQUEST_COUNT"] },
    }),
  ]);
  assert.deepEqual(new Set(statuses(answers)), new Set([401]));
  for (const { data } of answers) assert.equal(typeof data.title, "string");
});

const catalogue = (client) => [
  client.products.listProducts(),
  client.products.getProduct(ids),
  client.products.getProductActions(ids),
  client.documentation.listProductDocuments(ids),
  client.documentation.getProductDocument({ ...ids, documentId: "start" }),
  client.versions.listProductVersions(ids),
  client.versions.getProductVersion(ids),
  client.versions.getProductVersionSpec(ids),
  client.versions.getProductVersionSpecOperations(ids),
  client.search.searchPortalEntities({ indices: "product-catalog" }),
];

test("the catalogue is open to all if the portal is public, and to nobody else if not", async () => {
  const closed = await Promise.all(catalogue(stranger()));
  assert.deepEqual(new Set(statuses(closed)), new Set([401]));
  const path = `/v2/portals/${published.portal}`;
  await registry.admin("PATCH", path, { is_public: true });
  const open = await Promise.all(catalogue(stranger()));
  const context = await stranger().portal.getPortalContext();
  const actions = await stranger().products.getProductActions(ids);
  await registry.admin("PATCH", path, { is_public: false });
  assert.deepEqual(new Set(statuses(open)), new Set([200]));
  assert.equal(context.data.is_public, true);
  assert.equal(actions.data.actions.register, false, "nobody registers without an account");
});

test("a body of another kind is not read", async () => {
  const path = `/api/v2/applications/${own.id}/credentials`;
  const headers = { cookie: `portalaccesstoken=${ada.cookies.get("portalaccesstoken").value}` };
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
    const answer = await fetch(registry.origin + path, {
      method: "POST",
      headers: { ...headers, "content-type": type },
      body: '{"display_name": "x"}',
    });
    assert.equal(answer.status, 415, type);
    assert.equal(answer.headers.get("content-type"), "application/problem+json");
  }
});
