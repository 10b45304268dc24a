// What `.just/portal-sdk` fetched, from the folder it printed.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const folder = process.env.PORTAL_SDK;
if (!folder) throw new Error("set PORTAL_SDK to what `.just/portal-sdk` prints");
const require = createRequire(join(folder, "any.js"));

export const sdk = require("@kong/sdk-portal-js");
export const axios = require("axios");
export const Ajv = require("ajv").default;
export const addFormats = require("ajv-formats").default;

export const file = join(folder, "@kong/sdk-portal-js/openapi.yaml");
export const openapi = require("yaml").parse(readFileSync(file, "utf8"));
