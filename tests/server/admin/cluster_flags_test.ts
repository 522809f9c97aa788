import { assertEquals } from "@std/assert";

import { parseCommand } from "../../../common/flags.ts";
import {
  CLUSTER_COMMANDS,
  CLUSTER_USERS_COMMAND,
  CLUSTER_USERS_FLAGS,
} from "../../../server/admin/cluster_flags.ts";
import { ADMIN_COMMANDS } from "../../../server/admin/commands.ts";
import { NATS_FLAGS } from "../../../server/admin/nats_flags.ts";

Deno.test("all nodes do each command that changes something, with each flag that it has there", () => {
  const reads = ["list", "rooms list", "rooms show", "audit", "export", "backup"];
  assertEquals(
    [...CLUSTER_COMMANDS.keys()],
    [...ADMIN_COMMANDS.keys()].filter((name) => !reads.includes(name)),
  );
  const asked = new Set([...CLUSTER_COMMANDS.values()].flatMap(({ options = [] }) => options));
  const ofReading = ["list", "json"]; // of invite, which lists the codes of a database
  assertEquals(
    Object.keys(CLUSTER_USERS_FLAGS).filter((flag) => !(flag in NATS_FLAGS)).sort(),
    [...asked].filter((flag) => !ofReading.includes(flag)).sort(),
  );
});

Deno.test("the command line has a word or two with arguments, and flags that lead to NATS", () => {
  const words = ["rooms", "grant", "#dev", "eve", "owner"];
  const { flags, positional } = parseCommand(CLUSTER_USERS_COMMAND, [
    ...words,
    "--nats",
    "nats://a",
  ]);
  assertEquals([positional, flags.nats, flags["nats-prefix"]], [words, "nats://a", undefined]);
});
