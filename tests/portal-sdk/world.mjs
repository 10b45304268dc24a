// What every test begins with: a registry with something published, and developers.

import assert from "node:assert/strict";
import { after } from "node:test";
import { Portal } from "./portal.mjs";
import { Registry } from "./registry.mjs";

export const PASSWORD = "correct horse battery";
export const NOBODY = "5f9fd312-a987-4628-b4c5-bb4f4fddd5f7";

export const SPECIFICATION = `openapi: 3.0.0
info: {title: Weather, version: '1'}
paths:
  /weather:
    get: {operationId: tellWeather, summary: Tells the weather, tags: [weather], responses: {200: {description: ok}}}
`;

export const registry = await Registry.start();
after(() => registry.stop());

export const published = await publish();
export const ada = await developer("ada@example.test");

// Opens the client of a developer who has signed up and logged in.
export async function developer(email) {
  const client = new Portal(registry.origin);
  const signedUp = await client.developer.register({
    requestBody: { email, full_name: "Ada Lovelace" },
  });
  assert.equal(signedUp.status, 201);
  const token = await registry.mailedToken(email);
  const verified = await client.developer.verifyEmail({ verifyEmailRequest: { token } });
  assert.equal(verified.status, 202);
  const set = await client.developer.resetPassword({
    resetPasswordRequest: { password: PASSWORD, token: verified.data.token },
  });
  assert.equal(set.status, 204);
  const loggedIn = await client.logIn(email, PASSWORD);
  assert.equal(loggedIn.status, 204);
  return client;
}

// Opens the client of somebody who is not logged in.
export function stranger() {
  return new Portal(registry.origin);
}

// Adds an application that can register for everything that is published.
export async function application(client, name = "Umbrella") {
  const added = await client.applications.createApplication({
    createApplicationPayload: { name, auth_strategy_id: published.strategy },
  });
  assert.equal(added.status, 201);
  return added.data;
}

// Registers an application for a version.
export async function register(client, { id }, version) {
  const asked = await client.registrations.createApplicationRegistration({
    applicationId: id,
    createRegistrationPayload: { product_version_id: version },
  });
  assert.equal(asked.status, 201);
  return asked.data;
}

export function statuses(answers) {
  return answers.map((answer) => answer.status);
}

async function publish() {
  const add = (path, body) => registry.admin("POST", path, body);
  const portal = (await registry.admin("GET", "/v2/portals")).data[0].id;
  await registry.admin("PATCH", `/v2/portals/${portal}`, { auto_approve_developers: true });
  const strategy = await add("/v2/application-auth-strategies", {
    name: "key-auth",
    display_name: "Key",
    strategy_type: "key_auth",
    configs: { "key-auth": { key_names: ["apikey"] } },
  });
  const product = await add("/v2/api-products", {
    name: "Weather",
    description: "Tells the weather",
    public_labels: { team: "sky" },
  });
  await add("/v2/api-products", { name: "Secret" });
  const path = `/v2/api-products/${product.id}`;
  const version = async (name, automatically) => {
    const made = await add(`${path}/product-versions`, { name });
    await add(`/v2/portals/${portal}/product-versions`, {
      product_version_id: made.id,
      publish_status: "published",
      application_registration_enabled: true,
      auto_approve_registration: automatically,
      auth_strategy_ids: [strategy.id],
    });
    return made;
  };
  const [first, second] = [await version("v1", true), await version("v2", false)];
  await add(`${path}/product-versions/${first.id}/specifications`, {
    name: "oas.yaml",
    content: Buffer.from(SPECIFICATION).toString("base64"),
  });
  const start = await add(`${path}/documents`, {
    slug: "start",
    title: "Start",
    status: "published",
    content: "# Start\n\nAsk for *a key*.\n\n| a | b |\n|---|---|\n| 1 | `2` |\n",
  });
  await add(`${path}/documents`, {
    slug: "keys",
    title: "Keys",
    status: "published",
    content: "# Keys\n",
    parent_document_id: start.id,
  });
  return {
    portal,
    strategy: strategy.id,
    product: product.id,
    version: first.id,
    service: first.gateway_service.id,
    approving: second.id,
    document: start.id,
  };
}
