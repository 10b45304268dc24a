// A front-end of somebody else's: Kong's open-source portal in its own words, served from a folder or
// from another origin.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import { Registry } from "./registry.mjs";
import { ada, application, published, register, registry, stranger } from "./world.mjs";

const ELSEWHERE = "https://apps.example";
const PAGE = "<!doctype html><title>Another portal</title>";
const SCRIPT = "console.log(1)";
const SECRET = "nobody's business";

const folder = mkdtempSync(join(tmpdir(), "keystile-front-end-"));
const build = join(folder, "build");
mkdirSync(join(build, "assets"), { recursive: true });
writeFileSync(join(build, "index.html"), PAGE);
writeFileSync(join(build, "assets/app.js"), SCRIPT);
writeFileSync(join(build, ".env"), SECRET);
writeFileSync(join(folder, "secret"), SECRET);
symlinkSync(join(folder, "secret"), join(build, "link"));
symlinkSync(folder, join(build, "up"));
symlinkSync("nowhere", join(build, "dead"));
const other = await Registry.start("--portal-static-dir", build, "--portal-cors-origins", ELSEWHERE);
after(() => {
  other.stop();
  rmSync(folder, { recursive: true });
});

// Sends a path as it is: `fetch` would tidy it up first.
function raw(path, { method = "GET", headers = {} } = {}) {
  const { hostname, port } = new URL(other.origin);
  return new Promise((done, failed) => {
    const sent = request({ hostname, port, path, method, headers }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () =>
        done({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts).toString() }),
      );
    });
    sent.on("error", failed);
    sent.end();
  });
}

test("a folder's front-end takes the place of our pages", async () => {
  for (const path of ["/", "/index.html", "/login?token=x", "/spec/weather/v1", "/docs/weather/a.b", "/assets"]) {
    const { status, headers, text } = await raw(path);
    assert.deepEqual([status, text], [200, PAGE], path);
    assert.match(headers["content-type"], /^text\/html/);
    assert.match(headers["content-security-policy"], /frame-ancestors 'none'/);
    assert.doesNotMatch(headers["content-security-policy"], /script-src|default-src/, "it runs as it was built");
  }
  const script = await raw("/assets/app.js");
  assert.deepEqual([script.status, script.text], [200, SCRIPT]);
  assert.match(script.headers["content-type"], /javascript/);
  assert.equal(script.headers["x-content-type-options"], "nosniff");
});

test("the API below it stays as it is", async () => {
  const known = await raw("/api/v2/portal");
  assert.equal(known.status, 200);
  for (const path of ["/api/v2/unknown", "/api", "/api/", "/%61pi/v2/portal/x"]) {
    const { status, headers } = await raw(path);
    assert.deepEqual([status, headers["content-type"]], [404, "application/problem+json"], path);
  }
  assert.equal((await raw("/login", { method: "POST" })).status, 405);
});

test("119: nothing outside of the folder is reached, and nothing hidden in it", async () => {
  for (const path of [
    "/../secret",
    "/assets/../../secret",
    "/%2e%2e/secret",
    "/assets/%2E%2E/%2e%2e/secret",
    "/%2e%2e%2fsecret",
    "/..%5csecret",
    "/index.html%00",
    "/%00",
    "/link",
    "/up/secret",
    "/dead",
    "/.env",
    "//etc/passwd",
    "/%ff",
  ]) {
    const { status, text } = await raw(path);
    assert.equal(status, 404, path);
    assert.ok(!text.includes(SECRET), path);
  }
});

test("106: only a configured origin is told that it may read", async () => {
  const headers = (origin) => ({ headers: { origin } });
  for (const path of ["/api/v2/portal", "/api/v2/developer/me", "/api/ext/v1/sessions"]) {
    const allowed = await raw(path, headers(ELSEWHERE));
    assert.equal(allowed.headers["access-control-allow-origin"], ELSEWHERE, path);
    assert.equal(allowed.headers["access-control-allow-credentials"], "true");
    assert.match(allowed.headers.vary, /origin/i);
    for (const origin of ["https://evil.example", "null", "http://apps.example", `${ELSEWHERE}.evil.example`]) {
      const refused = await raw(path, headers(origin));
      assert.equal(refused.headers["access-control-allow-origin"], undefined, origin);
      assert.equal(refused.headers["access-control-allow-credentials"], undefined, origin);
    }
  }
  const page = await raw("/", headers(ELSEWHERE));
  assert.equal(page.headers["access-control-allow-origin"], undefined, "pages are no API");
});

test("a browser that asks first hears which methods and headers there are", async () => {
  const ask = (origin) =>
    raw("/api/v2/applications", {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,accept",
      },
    });
  const { status, headers } = await ask(ELSEWHERE);
  assert.ok(status < 300);
  assert.equal(headers["access-control-allow-origin"], ELSEWHERE);
  assert.equal(headers["access-control-allow-credentials"], "true");
  assert.deepEqual(headers["access-control-allow-methods"].split(/, */).sort(), ["DELETE", "GET", "PATCH", "POST", "PUT"]);
  assert.deepEqual(headers["access-control-allow-headers"].split(/, */).sort(), ["accept", "content-type"]);
  assert.equal((await ask("https://evil.example")).headers["access-control-allow-origin"], undefined);
});

test("105: a configured origin may write, any other may not, and cookies travel with both", async () => {
  const write = (origin) =>
    raw("/api/v2/developer/logout", { method: "POST", headers: { origin, "sec-fetch-site": "cross-site" } });
  const allowed = await write(ELSEWHERE);
  assert.equal(allowed.status, 204);
  for (const cookie of allowed.headers["set-cookie"]) {
    assert.match(cookie, /SameSite=None/);
    assert.match(cookie, /Secure/);
  }
  for (const origin of ["https://evil.example", "null"]) assert.equal((await write(origin)).status, 403, origin);
  const own = await fetch(`${registry.origin}/api/v2/developer/logout`, { method: "POST" });
  for (const cookie of own.headers.getSetCookie()) assert.match(cookie, /SameSite=Strict/);
});

test("Kong's portal starts: style sheets, icon, context, who is there, the catalogue", async () => {
  for (const path of ["stylesheet.css", "stylesheet/font.css", "favicon.ico", "logo", "catalog-cover"]) {
    assert.equal((await raw(`/api/v2/portal/${path}`)).status, 200, path);
  }
  const context = (await stranger().portal.getPortalContext()).data;
  assert.equal(context.is_public, false, "else nobody could log in");
  const catalogue = { indices: "product-catalog", q: "", pageNumber: 1, pageSize: 12, join: "versions" };
  const found = await ada.search.searchPortalEntities(catalogue);
  const [{ source }] = found.data.data;
  const spec = { productId: source.id, productVersionId: source.latest_version.id };
  const answer = await ada.versions.getProductVersionSpec(spec);
  assert.ok([200, 204].includes(answer.status), "a card shows whether there is a specification");
});

test("Kong's portal shows a product: its actions, versions, documents and specification", async () => {
  const productId = published.product;
  assert.equal((await ada.products.getProductActions({ productId })).data.actions.view, true);
  assert.equal((await ada.products.getProduct({ productId })).status, 200);
  const versions = await ada.versions.listProductVersions({ productId, pageNumber: 1, pageSize: 100 });
  assert.equal(versions.data.data.length, versions.data.meta.page.total);
  const tree = { productId, accept: "application/vnd.konnect.document-tree+json" };
  const [{ slug }] = (await ada.documentation.listProductDocuments(tree)).data.data;
  for (const accept of ["application/json", "application/vnd.konnect.document-nodes+json"]) {
    const { data } = await ada.documentation.getProductDocument({ productId, documentId: slug, accept });
    assert.equal(data.slug, slug);
  }
});

test("Kong's portal registers an application and shows what it uses", async () => {
  const of = { productId: published.product, productVersionId: published.version };
  const { data: version } = await ada.versions.getProductVersion(of);
  const own = await application(ada, "Kong's portal");
  const filter = { filterAuthStrategyId: version.registration_configs[0].id };
  const eligible = { ...of, unregistered: true, ...filter, pageNumber: 1, pageSize: 25 };
  const { data } = await ada.versions.getApplicationsByProductVersion(eligible);
  assert.ok(data.data.some((one) => one.id === own.id));
  await register(ada, own, published.version);
  const { data: config } = await ada.analytics.getApplicationAnalyticsConfig();
  assert.ok(config.analytics, "it shows no dashboard without");
  const end_ms = Date.now();
  const { status } = await ada.analytics.queryApplicationAnalytics({
    queryApplicationAnalytics: {
      start_ms: end_ms - 172_800_000,
      end_ms,
      granularity_ms: 86_400_000,
      dimensions: ["TIME", "API_PRODUCT_VERSION"],
      metrics: ["RESPONSE_LATENCY_P99"],
      filter: [
        { type: "IN", dimension: "STATUS_CODE_GROUPED", values: ["4XX"] },
        { type: "IN", dimension: "APPLICATION", values: [own.id] },
      ],
    },
  });
  assert.equal(status, 200);
});
