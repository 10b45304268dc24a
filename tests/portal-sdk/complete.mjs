// Makes sure that nothing in the file was left out.

import assert from "node:assert/strict";
import test from "node:test";
import { operations, seen } from "./contract.mjs";

// What a portal without an identity provider cannot do.
const REFUSED = new Set([
  "authenticate-sso",
  "get-application-product-version-granted-scopes",
  "get-application-registration-granted-scopes",
  "refresh-application-token",
]);

test("every operation of the file was asked for, and answered as it says", () => {
  assert.equal(operations.length, 43);
  for (const { id } of operations) {
    const answered = [...(seen.get(id) ?? [])];
    assert.equal(answered.some((status) => status < 300), !REFUSED.has(id), `${id}: ${answered}`);
  }
});

test("every operation that can be refused was", () => {
  for (const { id, responses } of operations) {
    const known = Object.keys(responses).map(Number).filter((status) => status >= 400 && status < 500);
    const answered = [...(seen.get(id) ?? [])].filter((status) => status >= 400);
    assert.ok(known.length === 0 || answered.length > 0, `${id} was never refused`);
  }
});
