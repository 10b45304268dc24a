// Schemathesis makes up requests from the file, at the bounds of what it allows and beyond; what comes
// back is held against the file, apart from where that contradicts itself.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { exclusions, operations } from "./contract.mjs";
import { file } from "./modules.mjs";
import { application, developer, NOBODY, published, register, registry } from "./world.mjs";

// How many requests are made up for each operation at random, besides those at the bounds.
const EXAMPLES = "20";
const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_schema_conformance",
  "negative_data_rejection",
];

const mae = await developer("mae@example.test");
const own = await application(mae);
const ids = {
  applicationId: own.id,
  registrationId: (await register(mae, own, published.version)).id,
  credentialId: (await mae.credentials.createCredential({ applicationId: own.id })).data.id,
  productId: published.product,
  productVersionId: published.version,
  documentId: published.document,
};

// What is removed is never there, so that the rest stays to be asked about, and nobody is logged out.
function configuration() {
  const paths = (id) => Object.keys(ids).map((name) => `"path.${name}" = "${id(name)}"`);
  return [
    `headers = { cookie = "portalaccesstoken=${mae.cookies.get("portalaccesstoken").value}" }`,
    "[checks.negative_data_rejection]",
    // What is too large or of another kind is refused as such.
    'expected-statuses = ["4xx"]',
    "[parameters]",
    ...paths((name) => ids[name]),
    "[[operations]]",
    'include-method = "DELETE"',
    "[operations.parameters]",
    ...paths(() => NOBODY),
    "[[operations]]",
    'include-operation-id = "logout"',
    'headers = { cookie = "nobody=1" }',
  ].join("\n");
}

// Returns the report; that something failed is for us to judge.
function run(folder) {
  const configured = join(folder, "schemathesis.toml");
  writeFileSync(configured, configuration());
  const words = ["--config-file", configured, "run", file, "--url", registry.origin];
  words.push("--checks", CHECKS.join(","), "--phases", "coverage,fuzzing", "--continue-on-failure");
  words.push("--max-examples", EXAMPLES, "--generation-deterministic", "--seed", "1", "--warnings", "off");
  // Who may ask what is tried by `strangers.mjs`.
  words.push("--generation-with-security-parameters", "false");
  return new Promise((done) => {
    execFile(process.env.SCHEMATHESIS, words, { cwd: folder, maxBuffer: 1 << 26 }, (_, out, err) =>
      done(out + err),
    );
  });
}

// Returns each failure: of which operation, of what kind, with which status, and how it looks.
function failures(report) {
  const found = [];
  for (const section of report.split(/^_+ (?=[A-Z]+ \/)/m).slice(1)) {
    const [, method, path] = section.match(/^([A-Z]+) (\S+)/);
    const operation = operations.find((one) => one.method === method.toLowerCase() && one.path === path);
    for (const text of section.split(/^- (?=ST\d)/m).slice(1)) {
      const [code] = text.match(/^ST\d+/);
      const status = Number(text.match(/^\[(\d+)\]/m)?.[1]);
      found.push({ operation: operation?.id, code, status, text });
    }
  }
  return found;
}

function isExcluded({ operation, code, status, text }) {
  return exclusions.some(
    (one) =>
      (one.operation === operation || one.operation === "*") &&
      (one.code === code ||
        (code === "ST103" && one.status === status) ||
        (code === "ST105" && one.media_type && text.includes(one.media_type))),
  );
}

test("97: requests made up from the file are answered as it says", async () => {
  assert.ok(process.env.SCHEMATHESIS, "set SCHEMATHESIS to what `.just/schemathesis` prints");
  const folder = mkdtempSync(join(tmpdir(), "keystile-made-up-"));
  const report = await run(folder);
  rmSync(folder, { recursive: true });
  assert.match(report, /Tested: 43\b/, report);
  const unexcused = failures(report).filter((failure) => !isExcluded(failure));
  assert.deepEqual(unexcused, []);
  // What the sections say is all there is.
  const counted = Number(report.match(/(\d+) unique failures/)?.[1] ?? 0);
  assert.equal(failures(report).length, counted, report);
  assert.doesNotMatch(readFileSync(registry.log, "utf8"), /ERROR/);
});
