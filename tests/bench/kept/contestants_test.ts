import { assertEquals, assertThrows } from "@std/assert";

import { KEPT, makeAccounts, UNKEPT, withCheapLogins } from "../../../bench/kept/contestants.ts";
import { LineClient } from "../../../bench/line_client.ts";
import { Processes } from "../../../bench/processes.ts";
import type { Host } from "../../../bench/servers.ts";
import { serverRun } from "../../../common/server_run.ts";
import { StartError } from "../../../common/errors.ts";
import { UserAdmin } from "../../../server/store/user_admin.ts";

/** What our server is started with. */
function hostOf(processes: Processes, directory: string): Host {
  return { processes, directory, command: serverRun("all") };
}

Deno.test("each pair has its accounts", async () => {
  const directory = await Deno.makeTempDir();
  try {
    await makeAccounts(`${directory}/jim.db`, 2);
    using users = UserAdmin.open(`${directory}/jim.db`, false, () => 0);
    assertEquals(users.list().map(({ name }) => name), ["a0", "a1", "b0", "b1"]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("accounts log in, and one server keeps what they write while the other does not", async () => {
  const directory = await Deno.makeTempDir();
  try {
    await using processes = new Processes();
    const seqs: unknown[] = [];
    for (const contestant of [KEPT, UNKEPT]) {
      await using server = await contestant.start(hostOf(processes, directory));
      const address = { hostname: "127.0.0.1", port: server.port };
      using sender = await LineClient.connect(address);
      using receiver = await LineClient.connect(address);
      for (const [client, account_name] of [[sender, "a0"], [receiver, "b0"]] as const) {
        const user = { account_name, password: contestant.keeping!.password };
        assertEquals((await client.ask({ event: "authenticate", user })).response, 200);
      }
      const { response, seq } = await sender.ask({ event: "msg", to: "b0", message: "hi" });
      assertEquals(response, 200);
      seqs.push(seq);
    }
    assertEquals(seqs, [1, undefined]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a server that deno run does not start is refused, with the reason", () => {
  const host = { ...hostOf(new Processes(), "/nowhere"), command: ["./jim", "server.ts"] };
  assertThrows(() => withCheapLogins(host), StartError, "--server must begin with 'deno run'");
});
