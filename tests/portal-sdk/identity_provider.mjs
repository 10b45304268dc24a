// What needs an identity provider: a portal without one says so.

import assert from "node:assert/strict";
import test from "node:test";
import { ada, application, NOBODY, published, register, statuses, stranger } from "./world.mjs";

const own = await application(ada, "No provider");
const registration = await register(ada, own, published.version);

test("there is no log-in elsewhere", async () => {
  const answer = await stranger().developer.authenticateSso();
  assert.equal(answer.status, 400);
});

test("scopes are not supported by applications with keys", async () => {
  const ids = { applicationId: own.id, registrationId: registration.id };
  const ofVersion = { applicationId: own.id, productVersionId: published.version };
  const answers = [
    await ada.registrations.getApplicationRegistrationGrantedScopes(ids),
    await ada.applications.getApplicationProductVersionGrantedScopes(ofVersion),
    await ada.registrations.getApplicationRegistrationGrantedScopes({ ...ids, registrationId: NOBODY }),
    await ada.applications.getApplicationProductVersionGrantedScopes({ ...ofVersion, applicationId: NOBODY }),
  ];
  assert.deepEqual(statuses(answers), [422, 422, 404, 404]);
});

test("an application with keys has no client secret to refresh", async () => {
  const refresh = (applicationId) => ada.credentials.refreshApplicationToken({ applicationId });
  const answers = [await refresh(own.id), await refresh(NOBODY)];
  assert.deepEqual(statuses(answers), [400, 404]);
});
