// Holds answers against the OpenAPI file of the SDK, and remembers which operations were answered how.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { addFormats, Ajv, openapi } from "./modules.mjs";

const METHODS = ["get", "post", "put", "patch", "delete"];

// Where the file contradicts itself.
export const exclusions = JSON.parse(readFileSync(new URL("exclusions.json", import.meta.url), "utf8"));

admitNull(openapi.components.schemas);
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema(openapi, "openapi");

export const operations = Object.entries(openapi.paths).flatMap(([path, item]) =>
  METHODS.filter((method) => item[method]).map((method) => ({
    id: item[method].operationId,
    method,
    path,
    // Literal segments come before parameters: `/applications/auth-strategies` is no application.
    pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, "[^/]+")}$`),
    responses: item[method].responses,
    place: `openapi#/paths/${escaped(path)}/${method}/responses`,
  })),
);
operations.sort((one, other) => parameters(one) - parameters(other));

// Which statuses each operation was seen to answer with, by its id.
export const seen = new Map();

// Checks an answer; `body` is the text, parsed where it is JSON.
export function check({ method, path, status, mediaType, body }) {
  const operation = operations.find(
    (candidate) => candidate.method === method.toLowerCase() && candidate.pattern.test(path),
  );
  assert.ok(operation, `${method} ${path} is no operation of the file`);
  seen.set(operation.id, (seen.get(operation.id) ?? new Set()).add(status));
  const what = `${operation.id} answered ${status}`;
  const place = documented(operation, status);
  if (!place) {
    assert.ok(excludes(operation.id, { status }), `${what}, which the file does not know`);
    return;
  }
  const { content } = place.response;
  if (!content) {
    assert.ok(body === "" || body === undefined || body === null, `${what} with a body: ${body}`);
    return;
  }
  if (!content[mediaType]) {
    assert.ok(excludes(operation.id, { media_type: mediaType }), `${what} as ${mediaType}`);
    return;
  }
  if (content[mediaType].schema && mediaType.endsWith("json")) {
    const validate = ajv.compile({ $ref: `${place.pointer}/content/${escaped(mediaType)}/schema` });
    const errors = validate(body) ? [] : validate.errors;
    assert.deepEqual(errors, [], `${what}: ${JSON.stringify(body)}`);
  }
}

function documented(operation, status) {
  let response = operation.responses[status];
  if (!response) return undefined;
  let pointer = `${operation.place}/${status}`;
  if (response.$ref) {
    pointer = `openapi${response.$ref}`;
    const name = response.$ref.split("/").at(-1);
    response = openapi.components.responses[name];
  }
  return { response, pointer };
}

function excludes(operation, what) {
  return exclusions.some(
    (one) =>
      (one.operation === operation || one.operation === "*") &&
      Object.entries(what).every(([name, value]) => one[name] === value),
  );
}

function parameters(operation) {
  return operation.path.split("{").length;
}

// A schema with `nullable` and `enum` means null as well, though its list does not say so: the one of
// registrations' states belongs to a member that is required where there is no registration.
function admitNull(schema) {
  if (schema === null || typeof schema !== "object") return;
  if (schema.nullable && Array.isArray(schema.enum)) schema.enum.push(null);
  Object.values(schema).forEach(admitNull);
}

// A member's name in a pointer that is part of a URL.
function escaped(name) {
  return encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"));
}
