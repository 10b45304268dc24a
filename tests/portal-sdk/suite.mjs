// Drives a real registry with Konnect's own client: every operation of its file, happy and unhappy.

import "./appearance.mjs";
import "./accounts.mjs";
import "./catalogue.mjs";
import "./applications.mjs";
import "./registrations.mjs";
import "./credentials.mjs";
import "./identity_provider.mjs";
import "./statistics.mjs";
import "./front_end.mjs";
import "./strangers.mjs";
import "./made_up.mjs";

// It looks back at all the others, so it is added when they are.
await import("./complete.mjs");
