// A registry process of the suite's own, on free ports and a new database, and what its administrators
// and gateways ask of it.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ADMIN = "admin@keystile.test";
const START_MS = 60_000;

export class Registry {
  // Starts one and waits until it is ready; `flags` are more of `serve`'s.
  static async start(...flags) {
    const registry = new Registry();
    registry.folder = mkdtempSync(join(tmpdir(), "keystile-"));
    const [portal, admin, gateway] = await freePorts(3);
    registry.origin = `http://127.0.0.1:${portal}`;
    registry.adminOrigin = `http://127.0.0.1:${admin}`;
    registry.gatewayOrigin = `http://127.0.0.1:${gateway}`;
    const place = ["--database", `sqlite:${join(registry.folder, "registry.db")}`];
    const run = (...command) => execFileSync(program(), [...command, ...place], { encoding: "utf8" }).trim();
    run("admin", "create", "--email", ADMIN);
    const token = (scope) => run("token", "create", "--admin", ADMIN, "--scope", scope, "--name", scope);
    registry.adminToken = token("admin");
    registry.gatewayToken = token("gateway");
    registry.log = join(registry.folder, "registry.log");
    const log = openSync(registry.log, "w");
    const listen = ["--portal-listen", `127.0.0.1:${portal}`, "--admin-listen", `127.0.0.1:${admin}`];
    listen.push("--gateway-listen", `127.0.0.1:${gateway}`, "--public-url", registry.origin);
    registry.process = spawn(program(), ["serve", ...place, ...listen, ...flags], {
      stdio: ["ignore", log, log],
    });
    await registry.#ready();
    return registry;
  }

  stop() {
    this.process.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  // Asks as an administrator; returns the body if the status is one of success.
  async admin(method, path, body) {
    const answer = await fetch(this.adminOrigin + path, {
      method,
      headers: { authorization: `Bearer ${this.adminToken}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  // Reports what a gateway counted.
  async use(report) {
    const answer = await fetch(`${this.gatewayOrigin}/gateway/v1/usage`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.gatewayToken}`, "content-type": "application/json" },
      body: JSON.stringify(report),
    });
    assert.equal(answer.status, 200, await answer.text());
  }

  // Returns the token of the newest link that was mailed to somebody.
  async mailedToken(recipient) {
    const outbox = await this.admin("GET", "/admin/v1/outbox?page[size]=100");
    const mail = outbox.data.find((one) => one.recipient === recipient && one.content.link);
    assert.ok(mail, `no link waits for ${recipient}`);
    return new URL(mail.content.link).searchParams.get("token");
  }

  async #ready() {
    const deadline = Date.now() + START_MS;
    for (;;) {
      const answer = await fetch(`${this.adminOrigin}/readyz`).catch(() => undefined);
      if (answer?.status === 204) return;
      const ended = this.process.exitCode !== null;
      assert.ok(!ended && Date.now() < deadline, `it is not ready: ${readFileSync(this.log, "utf8")}`);
      await setTimeout(50);
    }
  }
}

function program() {
  const built = new URL("../../target/debug/keystile-registry", import.meta.url);
  return process.env.KEYSTILE_REGISTRY ?? fileURLToPath(built);
}

// All are held until all are known, so that no two are the same.
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(
    servers.map((server) => new Promise((done) => server.listen(0, "127.0.0.1", done))),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
