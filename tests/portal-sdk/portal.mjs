// A developer's client: the SDK's, with cookies kept by hand as a browser would, and every answer held
// against the file.

import { check } from "./contract.mjs";
import { axios, sdk } from "./modules.mjs";

export class Portal {
  constructor(origin) {
    this.origin = origin;
    // By name, with the path each is for.
    this.cookies = new Map();
    const http = axios.create({
      headers: { accept: "application/json" },
      validateStatus: () => true,
      maxRedirects: 0,
    });
    http.interceptors.request.use((request) => this.#send(request));
    http.interceptors.response.use((response) => this.#receive(response));
    const api = (name) => new sdk[name](new sdk.Configuration({ basePath: "" }), origin, http);
    this.portal = api("PortalApi");
    this.developer = api("DeveloperApi");
    this.products = api("ProductsApi");
    this.versions = api("VersionsApi");
    this.documentation = api("DocumentationApi");
    this.search = api("SearchApi");
    this.applications = api("ApplicationsApi");
    this.registrations = api("RegistrationsApi");
    this.credentials = api("CredentialsApi");
    this.analytics = api("ApplicationAnalyticsApi");
    this.http = http;
  }

  // Another client with the same log-in, such as another tab.
  tab() {
    const other = new Portal(this.origin);
    other.cookies = new Map(this.cookies);
    return other;
  }

  logIn(username, password) {
    return this.developer.authenticate({ authenticateRequest: { username, password } });
  }

  #send(request) {
    const path = new URL(request.url, this.origin).pathname;
    const sent = [...this.cookies].filter(([, cookie]) => path.startsWith(cookie.path));
    if (sent.length > 0) {
      request.headers.set("cookie", sent.map(([name, cookie]) => `${name}=${cookie.value}`).join("; "));
    }
    return request;
  }

  #receive(response) {
    for (const line of response.headers["set-cookie"] ?? []) this.#keep(line);
    const path = new URL(response.config.url, this.origin).pathname;
    check({
      method: response.config.method,
      path,
      status: response.status,
      mediaType: (response.headers["content-type"] ?? "").split(";")[0],
      body: response.data,
    });
    return response;
  }

  #keep(line) {
    const [pair, ...attributes] = line.split("; ");
    const [name, value] = pair.split("=", 2);
    const attribute = (wanted) =>
      attributes.map((one) => one.split("=")).find(([found]) => found === wanted)?.[1];
    if (attribute("Max-Age") === "0") this.cookies.delete(name);
    else this.cookies.set(name, { value, path: attribute("Path") ?? "/", attributes });
  }
}
