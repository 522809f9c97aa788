import { assertEquals } from "@std/assert";

import { CLIENT_FLAGS } from "../../client/flags.ts";
import type { FlagTable } from "../../common/flags.ts";
import { LAUNCH_COMMAND } from "../../launcher/flags.ts";
import { CLUSTER_USERS_COMMAND } from "../../server/admin/cluster_flags.ts";
import { NODES_COMMAND } from "../../server/admin/nodes.ts";
import { USERS_COMMAND } from "../../server/admin/flags.ts";
import { SERVER_FLAGS } from "../../server/flags.ts";

const ROOT = new URL("../../", import.meta.url);

/** Each program's page: there every one of its flags has a line, in a table or in the help text. */
const PAGES: readonly (readonly [program: string, flags: FlagTable, page: string])[] = [
  ["server", SERVER_FLAGS, "README.md"],
  ["client", CLIENT_FLAGS, "docs/client.md"],
  ["launcher", LAUNCH_COMMAND.flags, "docs/launcher.md"],
  ["users", USERS_COMMAND.flags, "docs/operating.md"],
  ["cluster-users", CLUSTER_USERS_COMMAND.flags, "docs/cluster.md"],
  ["nodes", NODES_COMMAND.flags, "docs/cluster.md"],
];

for (const [program, flags, page] of PAGES) {
  Deno.test(`${page} has a line for each flag of the ${program}`, async () => {
    const described = describedFlags(await Deno.readTextFile(new URL(page, ROOT)));
    assertEquals(Object.keys(flags).filter((name) => !described.has(name)), []);
  });
}

/** The flags that begin a line of a help text, or stand in the first cell of a table's row. */
function describedFlags(text: string): Set<string> {
  const heads = text.matchAll(/^(?:\|[^|]*| +(?:-\w, )?--[\w-]+)/gm);
  return new Set(
    [...heads].flatMap(([head]) => [...head.matchAll(/--([a-z][\w-]*)/g)].map(([, name]) => name!)),
  );
}
