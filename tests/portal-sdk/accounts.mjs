// From sign-up to log-out.

import assert from "node:assert/strict";
import test from "node:test";
import { ada, developer, NOBODY, PASSWORD, published, registry, statuses, stranger } from "./world.mjs";

const token = (value) => ({ verifyEmailRequest: { token: value } });
const password = (value, token) => ({ resetPasswordRequest: { password: value, token } });

test("signing up answers alike whether or not an address has an account", async () => {
  const client = stranger();
  const signUp = (email) => client.developer.register({ requestBody: { email, full_name: "Eve" } });
  const [known, unknown] = [await signUp("ada@example.test"), await signUp("new@example.test")];
  assert.deepEqual(statuses([known, unknown]), [201, 201]);
  assert.deepEqual([known.data, unknown.data], ["", ""]);
});

test("a sign-up that is incomplete is refused, one that says more is not", async () => {
  const client = stranger();
  const signUp = (requestBody) => client.developer.register({ requestBody });
  const refused = [
    await signUp({ email: "eve@example.test" }),
    await signUp({ email: "eve", full_name: "Eve" }),
    await signUp({ email: "eve@example.test", full_name: "" }),
    await signUp({ email: "eve@example.test", full_name: "x".repeat(257) }),
  ];
  assert.deepEqual(statuses(refused), [400, 400, 400, 400]);
  assert.equal(refused[0].data.invalid_parameters[0].field, "full_name");
  const more = await signUp({ email: "more@example.test", full_name: "Eve", status: "approved" });
  assert.equal(more.status, 201);
});

test("a mailed token is good once, and is a UUID", async () => {
  const client = stranger();
  const email = "once@example.test";
  await client.developer.register({ requestBody: { email, full_name: "Once" } });
  const mailed = await registry.mailedToken(email);
  const verified = await client.developer.verifyEmail(token(mailed));
  assert.equal(verified.status, 202);
  assert.equal(verified.data.email, email);
  const again = await client.developer.verifyEmail(token(mailed));
  assert.equal(again.status, 410);
  assert.equal((await client.developer.verifyEmail(token(NOBODY))).status, 404);
  assert.equal((await client.developer.verifyEmail(token("none"))).status, 400);
});

test("a password is set with the token, and a poor one is refused", async () => {
  const client = stranger();
  const email = "forgetful@example.test";
  await developer(email);
  const asked = await client.developer.forgotPassword({ resetPasswordPayload: { email } });
  assert.deepEqual([asked.status, asked.data], [200, ""]);
  const mailed = await registry.mailedToken(email);
  assert.equal((await client.developer.resetPassword(password("short", mailed))).status, 400);
  assert.equal((await client.developer.resetPassword(password(PASSWORD, NOBODY))).status, 404);
  assert.equal((await client.developer.resetPassword(password("another good one", mailed))).status, 204);
  assert.equal((await client.developer.resetPassword(password(PASSWORD, mailed))).status, 410);
  assert.equal((await client.logIn(email, "another good one")).status, 204);
});

test("a forgotten password is asked for with an address, known or not", async () => {
  const client = stranger();
  const ask = (resetPasswordPayload) => client.developer.forgotPassword({ resetPasswordPayload });
  const answers = [await ask({ email: "nobody@example.test" }), await ask({ email: "nobody" }), await ask({})];
  assert.deepEqual(statuses(answers), [200, 400, 400]);
});

test("a log-in sets two cookies that no script reads", async () => {
  const client = stranger();
  const answer = await client.logIn("ada@example.test", PASSWORD);
  assert.equal(answer.status, 204);
  const [access, refresh] = ["portalaccesstoken", "portalrefreshtoken"].map((name) => client.cookies.get(name));
  for (const cookie of [access, refresh]) {
    assert.ok(cookie.attributes.includes("HttpOnly") && cookie.attributes.includes("Secure"));
  }
  assert.equal(refresh.path, "/api/v2/developer/refresh", "it is sent nowhere else");
  const { data } = await client.developer.getDeveloperMe();
  assert.equal(data.email, "ada@example.test");
  assert.equal(data.full_name, "Ada Lovelace");
});

test("a log-in that fails has a title", async () => {
  const client = stranger();
  const wrong = await client.logIn("ada@example.test", "wrong horse battery");
  assert.equal(wrong.status, 401);
  assert.equal(typeof wrong.data.title, "string");
  assert.ok(!wrong.data.title.includes("disabled"), "that would be read as pending");
  assert.equal(client.cookies.size, 0);
  const incomplete = await client.developer.authenticate({ authenticateRequest: { username: "ada@example.test" } });
  assert.equal(incomplete.status, 400);
  assert.equal((await client.developer.getDeveloperMe()).status, 401);
});

test("who is not approved hears so, but only with the right password", async () => {
  const email = "pending@example.test";
  const client = await developer(email);
  const people = await registry.admin("GET", `/v2/portals/${published.portal}/developers?page[size]=100`);
  const { id } = people.data.find((one) => one.email === email);
  const path = `/v2/portals/${published.portal}/developers/${id}`;
  await registry.admin("PATCH", path, { status: "revoked" });
  const right = await client.logIn(email, PASSWORD);
  assert.equal(right.status, 401);
  assert.match(right.data.title, /disabled/, "front-ends say that approval is pending");
  const wrong = await client.logIn(email, "wrong horse battery");
  assert.doesNotMatch(wrong.data.title, /disabled/);
  assert.equal((await client.developer.getDeveloperMe()).status, 401, "what was open is closed");
});

test("a refresh gives new cookies, and the old one is worth nothing any more", async () => {
  const client = stranger();
  await client.logIn("ada@example.test", PASSWORD);
  const before = client.cookies.get("portalrefreshtoken").value;
  assert.equal((await client.developer.refresh()).status, 204);
  assert.notEqual(client.cookies.get("portalrefreshtoken").value, before);
  assert.equal((await client.developer.getDeveloperMe()).status, 200);
  assert.equal((await stranger().developer.refresh()).status, 401);
});

test("logging out ends the log-in, and does not fail when there is none", async () => {
  const client = stranger();
  await client.logIn("ada@example.test", PASSWORD);
  const tab = client.tab();
  assert.equal((await client.developer.logout()).status, 204);
  assert.equal(client.cookies.has("portalaccesstoken"), false);
  assert.equal((await tab.developer.getDeveloperMe()).status, 401, "in every tab");
  assert.equal((await stranger().developer.logout()).status, 204);
  assert.equal((await ada.developer.getDeveloperMe()).status, 200, "other log-ins go on");
});
