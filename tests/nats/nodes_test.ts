import { NodeGroup, type NodeTests } from "../support/node_group.ts";
import { CHANGES } from "./nodes/changes.ts";
import { DIALECTS, SESSIONS } from "./nodes/dialects.ts";
import { DIRECT } from "./nodes/direct.ts";
import { MODERATION } from "./nodes/moderation.ts";
import { MOMENTS } from "./nodes/moments.ts";
import { NAMES } from "./nodes/names.ts";
import { ROOMS } from "./nodes/rooms.ts";
import { SMALL } from "./nodes/small.ts";

/** By what is tested. */
const FAMILIES: Readonly<Record<string, NodeTests>> = {
  names: NAMES,
  direct: DIRECT,
  rooms: ROOMS,
  moderation: MODERATION,
  changes: CHANGES,
  dialects: DIALECTS,
  sessions: SESSIONS,
  small: SMALL,
  moments: MOMENTS,
};

Deno.test("everything holds for two users on two nodes as for two on one", async (t) => {
  await using nodes = await NodeGroup.start(2, ["--takeover", "0.3"]);
  for (const [family, tests] of Object.entries(FAMILIES)) {
    for (const [name, fn] of Object.entries(tests)) {
      await t.step({
        name: `${family}: ${name}`,
        fn: () => fn(nodes),
        sanitizeOps: false,
        sanitizeResources: false,
      });
    }
  }
});
