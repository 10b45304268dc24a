// What applications ask for.

import assert from "node:assert/strict";
import test from "node:test";
import { application, developer, NOBODY, published, register, registry, statuses } from "./world.mjs";

const mary = await developer("mary@example.test");
const { registrations } = mary;

test("a registration is approved at once or waits, as the version says", async () => {
  const own = await application(mary);
  const [approved, pending] = [
    await register(mary, own, published.version),
    await register(mary, own, published.approving),
  ];
  assert.deepEqual([approved.status, pending.status], ["approved", "pending"]);
  const read = await registrations.getApplicationRegistration({
    applicationId: own.id,
    registrationId: pending.id,
  });
  assert.deepEqual(read.data, pending);
  assert.deepEqual(
    [read.data.product_name, read.data.product_version_name, read.data.application_id],
    ["Weather", "v2", own.id],
  );
});

test("registrations are listed in pages and filtered", async () => {
  const { id: applicationId } = await application(mary);
  const approved = await register(mary, { id: applicationId }, published.version);
  const pending = await register(mary, { id: applicationId }, published.approving);
  const list = async (filter) => {
    const { data } = await registrations.listApplicationRegistrations({ applicationId, ...filter });
    return data.data.map((one) => one.id);
  };
  assert.deepEqual(await list({}), [approved.id, pending.id]);
  assert.deepEqual(await list({ pageSize: 1, pageNumber: 2 }), [pending.id]);
  for (const [filter, expected] of [
    [{ filterStatus: "pending" }, [pending.id]],
    [{ filterStatusEq: "approved" }, [approved.id]],
    [{ filterId: pending.id }, [pending.id]],
    [{ filterIdEq: NOBODY }, []],
    [{ filterProductName: "Weather", filterProductVersionName: "v1" }, [approved.id]],
    [{ filterProductNameEq: "Weathe" }, []],
    [{ filterProductVersionNameEq: "v2", filterProductNameContains: "EATH" }, [pending.id]],
    [{ filterProductVersionNameContains: "2" }, [pending.id]],
  ]) {
    assert.deepEqual(await list(filter), expected, JSON.stringify(filter));
  }
  const refused = [
    await registrations.listApplicationRegistrations({ applicationId, filterStatus: "asleep" }),
    await registrations.listApplicationRegistrations({ applicationId, pageSize: 1000 }),
    await registrations.listApplicationRegistrations({ applicationId: NOBODY }),
  ];
  assert.deepEqual(statuses(refused), [400, 400, 404]);
});

test("the same is asked for once, and what does not exist is not asked for", async () => {
  const { id: applicationId } = await application(mary);
  const ask = (body, id = applicationId) =>
    registrations.createApplicationRegistration({ applicationId: id, createRegistrationPayload: body });
  const wish = { product_version_id: published.version };
  const answers = [
    await ask({ ...wish, scopes: [] }),
    await ask(wish),
    await ask({ product_version_id: NOBODY }),
    await ask(wish, NOBODY),
    await ask({}),
    await ask({ product_version_id: "none" }),
    await ask({ ...wish, status: "approved" }),
    await ask({ ...wish, scopes: ["read"] }),
  ];
  assert.deepEqual(statuses(answers), [201, 409, 404, 404, 400, 400, 400, 400]);
});

test("a registration that was refused still counts as one", async () => {
  const own = await application(mary, "Refused");
  const { id } = await register(mary, own, published.approving);
  const path = `/v2/portals/${published.portal}/applications/${own.id}/registrations/${id}`;
  await registry.admin("PATCH", path, { status: "rejected" });
  const of = { productId: published.product, productVersionId: published.approving };
  const { data } = await mary.versions.getApplicationsByProductVersion({ ...of, filterName: "Refused" });
  assert.equal(data.data[0].registration_status, "rejected");
  const again = await registrations.createApplicationRegistration({
    applicationId: own.id,
    createRegistrationPayload: { product_version_id: published.approving },
  });
  assert.equal(again.status, 409);
});

test("a registration that was given up may be asked for again", async () => {
  const own = await application(mary);
  const { id: registrationId } = await register(mary, own, published.approving);
  const ids = { applicationId: own.id, registrationId };
  const answers = [
    await registrations.deleteApplicationRegistration(ids),
    await registrations.getApplicationRegistration(ids),
    await registrations.deleteApplicationRegistration(ids),
  ];
  assert.deepEqual(statuses(answers), [204, 404, 404]);
  await register(mary, own, published.approving);
});
