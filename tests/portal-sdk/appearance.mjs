// How the portal looks: what front-ends load before anyone is logged in.

import assert from "node:assert/strict";
import test from "node:test";
import { published, registry, stranger } from "./world.mjs";

const PNG = "\u0089PNG\r\n\u001a\n";

test("the portal says what it is to anyone", async () => {
  const { status, data } = await stranger().portal.getPortalContext();
  assert.equal(status, 200);
  assert.equal(data.portal_id, published.portal);
  assert.equal(data.canonical_domain, new URL(registry.origin).host);
  assert.equal(data.is_public, false);
  assert.equal(data.basic_auth_enabled, true);
  assert.equal(data.oidc_auth_enabled, false);
  assert.deepEqual(data.dcr_provider_ids, []);
  assert.ok(["24h", "90d"].includes(data.allowed_time_period), "front-ends know no other period");
});

test("the appearance names pictures that are there", async () => {
  const client = stranger();
  const { data } = await client.portal.getPortalAppearance();
  const { logo, cover, primary_header: header, welcome_message: welcome } = data.variables.catalog;
  assert.ok(header.text && welcome.text);
  for (const url of [logo.url, cover.url]) {
    const answer = await fetch(registry.origin + url);
    assert.equal(answer.status, 200, url);
  }
});

test("logo and cover are pictures", async () => {
  const client = stranger();
  for (const answer of [
    await client.portal.getPortalLogo({ responseType: "arraybuffer" }),
    await client.portal.getPortalCatalogCover({ responseType: "arraybuffer" }),
  ]) {
    assert.equal(answer.headers["content-type"], "image/png");
    assert.equal(answer.data.subarray(0, PNG.length).toString("latin1"), PNG);
  }
});

test("the style sheet defines everything that front-ends take from it", async () => {
  const answer = await fetch(`${registry.origin}/api/v2/portal/stylesheet.css`);
  assert.match(answer.headers.get("content-type"), /^text\/css/);
  const text = await answer.text();
  const themed = {
    section_colors: ["header", "body", "hero", "accent", "tertiary", "stroke", "footer"],
    text_colors: ["header", "hero", "headings", "primary", "secondary", "accent", "link", "footer"],
    button_colors: ["primary-fill", "primary-text"],
  };
  const colours = Object.entries(themed).flatMap(([group, names]) => names.map((name) => `${group}-${name}`));
  for (const name of colours) {
    assert.match(text, new RegExp(`--${name}: #[0-9a-f]{6};`));
    assert.match(text, new RegExp(`\\.bg-${name} \\{ background-color: var\\(--${name}\\)`));
    assert.match(text, new RegExp(`\\.color-${name} \\{ color: var\\(--${name}\\)`));
  }
  for (const name of ["font-base", "font-code", "font-headings"]) {
    assert.match(text, new RegExp(`--${name}: [a-z-]+;`));
  }
});

test("fonts and the icon of front-ends are there", async () => {
  for (const [path, type] of [
    ["stylesheet/font.css", /^text\/css/],
    ["favicon.ico", /^image\//],
  ]) {
    const answer = await fetch(`${registry.origin}/api/v2/portal/${path}`);
    assert.equal(answer.status, 200, path);
    assert.match(answer.headers.get("content-type"), type);
    assert.match(answer.headers.get("cache-control"), /max-age/, "it is nobody's secret");
  }
});
