// Keys: each shown once.

import assert from "node:assert/strict";
import test from "node:test";
import { application, developer, NOBODY, statuses } from "./world.mjs";

const joan = await developer("joan@example.test");
const { credentials } = joan;
const { id: applicationId } = await application(joan);

test("a key is in the answer to its making and nowhere else", async () => {
  const made = await credentials.createCredential({
    applicationId,
    createCredentialPayload: { display_name: "First" },
  });
  assert.equal(made.status, 201);
  assert.match(made.data.credential, /^ks_[0-9A-Za-z]{38}$/);
  assert.match(made.headers["cache-control"], /no-store/);
  const { data } = await credentials.listCredentials({ applicationId });
  assert.deepEqual(data.data, [{ id: made.data.id, display_name: "First" }]);
  assert.deepEqual(data.meta.page, { number: 1, size: 10, total: 1 });
});

test("a key needs no name and no body", async () => {
  const unnamed = await credentials.createCredential({ applicationId, createCredentialPayload: {} });
  assert.equal(unnamed.status, 201);
  assert.ok(unnamed.data.display_name.length > 0, "it gets one");
  assert.equal((await credentials.createCredential({ applicationId })).status, 201);
});

test("a key gets another name, with an answer that has no body", async () => {
  const { data } = await credentials.createCredential({ applicationId });
  const rename = (display_name, credentialId = data.id) =>
    credentials.updateCredential({
      applicationId,
      credentialId,
      updateCredentialPayload: { display_name },
    });
  const renamed = await rename("Second");
  assert.deepEqual([renamed.status, renamed.data], [200, ""]);
  const { data: list } = await credentials.listCredentials({ applicationId, pageSize: 100 });
  assert.equal(list.data.find((one) => one.id === data.id).display_name, "Second");
  const refused = [await rename("x".repeat(256)), await rename(undefined), await rename("x", NOBODY)];
  assert.deepEqual(statuses(refused), [400, 400, 404]);
});

test("a deleted key is gone, and deleting it again finds nothing", async () => {
  const { data } = await credentials.createCredential({ applicationId });
  const ids = { applicationId, credentialId: data.id };
  const answers = [await credentials.deleteCredential(ids), await credentials.deleteCredential(ids)];
  assert.deepEqual(statuses(answers), [204, 404]);
});

test("what a key may not be is refused", async () => {
  const make = (createCredentialPayload, id = applicationId) =>
    credentials.createCredential({ applicationId: id, createCredentialPayload });
  const refused = [
    await make({ display_name: "x".repeat(256) }),
    await make({ display_name: "x", expires_at: "2030-01-01T00:00:00Z" }),
    await make({ display_name: 7 }),
    await make({}, NOBODY),
    await credentials.listCredentials({ applicationId: NOBODY }),
    await credentials.listCredentials({ applicationId, pageSize: 0 }),
  ];
  assert.deepEqual(statuses(refused), [400, 400, 400, 404, 404, 400]);
});

test("an application has twenty keys at most", async () => {
  const { id } = await application(joan, "Many keys");
  const make = () => credentials.createCredential({ applicationId: id });
  for (let number = 1; number <= 20; number += 1) assert.equal((await make()).status, 201);
  const refused = await make();
  assert.equal(refused.status, 403);
  assert.equal(typeof refused.data.detail, "string");
});
