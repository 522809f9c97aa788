import { assert, assertEquals } from "@std/assert";

import config from "../../deno.json" with { type: "json" };
import { CLIENT_FLAGS } from "../../client/flags.ts";
import type { Flag } from "../../common/flags.ts";
import { LIMITS } from "../../common/limits.ts";
import { commandsHelp } from "../../server/admin/commands.ts";
import { USERS_FLAGS } from "../../server/admin/flags.ts";
import { MAX_PROXY_HEADER_BYTES } from "../../server/connection/proxy_protocol/proxy_header.ts";
import { SERVER_FLAGS } from "../../server/flags.ts";
import { DEFAULT_COST } from "../../server/accounts/passwords.ts";

const text = (await Deno.readTextFile(new URL("../../docs/operating.md", import.meta.url)))
  .replaceAll(/\s+/g, " ");

function flagsIn(words: string): string[] {
  return [...words.matchAll(/--[a-z][a-z0-9-]*[a-z0-9]/g)].map(([flag]) => flag);
}

function assertSays(words: string): void {
  assert(text.includes(words.replaceAll(/\s+/g, " ")), `docs/operating.md does not say: ${words}`);
}

Deno.test("docs/operating.md names the commands as the program does", () => {
  assertSays(commandsHelp().join("\n"));
});

Deno.test("docs/operating.md gives the limits that the program has", () => {
  const { mailDays, knownDays, roomDays, maxRoomsPerAccount, maxMailboxLetters, maxMailboxBytes } =
    LIMITS;
  assertSays(`at most ${mailDays} days (\`--mail-days\`)`);
  assertSays(`nobody was in for ${roomDays} days (\`--room-days\`)`);
  assertSays(`owns at most ${maxRoomsPerAccount} rooms (\`--max-rooms\`)`);
  assertSays(`${knownDays} days since they were last online (\`--known-days\`)`);
  assertSays(
    `A mailbox holds ${maxMailboxLetters} messages and ${maxMailboxBytes / 1024 ** 2} MiB`,
  );
  const mebibytes = (bytes: number): string => `${bytes / 1024 ** 2} MiB`;
  for (
    const [who, letters, bytes] of [
      ["one sender has", LIMITS.maxSenderLetters, LIMITS.maxSenderBytes],
      ["all guests together", LIMITS.maxGuestLetters, LIMITS.maxGuestBytes],
    ] as const
  ) {
    assertSays(
      `${who} at most ${letters} ${who.startsWith("one") ? "messages " : ""}and ${
        mebibytes(bytes)
      }`,
    );
  }
  assertSays(`at most ${LIMITS.maxStrangerLetters} and ${mebibytes(LIMITS.maxStrangerBytes)}`);
  assertSays(`${LIMITS.maxNamesPerNetwork} new guests' names (\`--max-names-per-ip\`)`);
  assertSays(`${LIMITS.maxAccountsPerNetwork} accounts (\`--max-accounts-per-ip\`)`);
  assertSays(`up to ${mebibytes(LIMITS.maxStrandedBytes)} in all`);
  assertSays(`header of at most ${MAX_PROXY_HEADER_BYTES} bytes`);
  assertEquals(LIMITS.proxyHeaderSeconds, 5);
  assertSays("does not come within five seconds");
  assertSays(`At most ${LIMITS.maxProxyHeaders} connections wait for theirs`);
  const { logN, r, p } = DEFAULT_COST;
  assertSays(`scrypt, N = 2^${logN}, r = ${r}, p = ${p}`);
});

Deno.test("docs/operating.md names flags that there are", () => {
  const ofDeno = flagsIn(config.tasks.server);
  const ours = { ...SERVER_FLAGS, ...USERS_FLAGS, ...CLIENT_FLAGS };
  for (const flag of flagsIn(text)) {
    assert([...ofDeno, "--help", "--version"].includes(flag) || flag.slice(2) in ours, flag);
  }
});

Deno.test("docs/operating.md names the settings that can change while the server runs", () => {
  const [, list = ""] = /these go by what it says: (.+?)\. A time/.exec(text) ?? [];
  const named = [...list.matchAll(/`([\w-]+)`/g)].map(([, name]) => name);
  const live = Object.entries<Flag>(SERVER_FLAGS).filter(([, flag]) => flag.live);
  assertEquals(named.sort(), live.map(([name]) => name).sort());
});
