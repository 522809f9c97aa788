import { assert, assertEquals } from "@std/assert";

import { JimClient } from "../../client/library/jim_client.ts";
import { runClient } from "../support/client_process.ts";
import { PASSWORD, TestServer } from "../support/server_fixture.ts";
import { startClient } from "../support/start_client.ts";

function place({ address }: { address: { hostname: string; port: number } }): string[] {
  return [address.hostname, String(address.port), "-n", "eve"];
}

/** The rows that are seen, without their times. */
function rowsOf(screen: string): string[] {
  return screen.split("\n").map((row) => row.replace(/^\[[\d:]+\] /, ""));
}

/** The rows from the last rule with that name on. */
function viewOf(screen: string, name: string): string[] {
  const rows = rowsOf(screen);
  return rows.slice(rows.findLastIndex((row) => row.startsWith(`── ${name} ─`)) + 1);
}

async function friend(name: string, server: TestServer, ...rooms: string[]): Promise<JimClient> {
  const client = await JimClient.connect({ ...server.address, name });
  for (const room of rooms) await client.join(room);
  return client;
}

for (const columns of [100, 80, 60, 40]) {
  Deno.test(`in ${columns} columns one conversation is shown, the others wait with what came`, async () => {
    await using server = new TestServer({ settings: { rate: 0 } });
    await using bob = await friend("bob", server, "#dev", "#ops");
    await using анна = await friend("анна", server, "#ops");
    await using eve = startClient([...place(server), "--join", "#dev,#ops"], { columns, rows: 30 });
    await eve.hasState(/1:#dev {2}2:#ops$/);
    eve.enter("chat #dev");
    await eve.hasState(/\[1:#dev(, 2 in)?\] {2}2:#ops$/);
    eve.type("я пишу, 日本");
    const burst = Promise.all(
      Array.from({ length: 300 }, (_, i) => bob.send("#ops", `no ${i} 🚀`)),
    );
    for (const [i, char] of [..." and go on"].entries()) {
      eve.type(char);
      if (i === 3) eve.resize(columns - 10, 25);
      if (i === 7) eve.resize(columns, 30);
    }
    await burst;
    await анна.send("#ops", "eve: посмотри 🚀 на это, это очень длинное сообщение, больше строки");
    await анна.send("eve", "лично");
    await eve.shows("3:анна » лично");
    await bob.send("#dev", "here");
    await eve.shows("#dev bob: here");
    await eve.hasState(/\[1:#dev(, 2 in)?\] {2}2:#ops 301! {2}3:анна 1$/);
    const screen = await eve.endsWith("eve → #dev> я пишу, 日本 and go on");
    const view = rowsOf(screen).slice(-4, -1);
    assertEquals([view[0]!.slice(0, 24), ...view.slice(1)], [
      "2:#ops анна » eve: посмотри 🚀 на это".slice(0, 24),
      "3:анна » лично",
      "#dev bob: here",
    ]);
    assert(!eve.scrollback().includes("🚀 \n") && !/bob: no \d/.test(eve.scrollback()));
    eve.press("ctrlU");
    eve.type("\x1b3"); // Alt-3
    await eve.endsWith("eve → анна>");
    await eve.shows("анна: лично");
    eve.enter("/next");
    await eve.hasState(/\[2:#ops(, 3 in)?\] {2}1:#dev(?: {2}3:анна)?$/);
    await eve.shows(/bob: no 299 /);
    await eve.endsWith("eve → #ops>");
    const seen = [...eve.scrollback().matchAll(/bob: no (\d+) /g)].map(([, n]) => Number(n));
    assertEquals(seen, Array.from({ length: 300 }, (_, i) => i));
    eve.press("ctrlN");
    await eve.endsWith("eve → анна>");
    eve.press("ctrlP", "ctrlP");
    await eve.endsWith("eve → #dev>");
    await eve.until((screen) => viewOf(screen, "#dev")[0] === "#dev bob: here", "what was said");
  });
}

Deno.test("the open conversation and the choice of the view outlive the client, for name and server", async () => {
  await using server = new TestServer();
  await using bob = await friend("bob", server, "#dev");
  const dir = await Deno.makeTempDir({ prefix: "jim-view-" });
  const permissions = [`--allow-read=${dir}`, `--allow-write=${dir}`];
  const files = ["--history-dir", dir, "--profile", `${dir}/settings.toml`];
  const start = () => startClient([...place(server), ...files], { permissions });
  try {
    await Deno.writeTextFile(`${dir}/settings.toml`, "");
    {
      await using eve = start();
      await eve.endsWith("eve>");
      eve.enter("chat #dev");
      await eve.hasState("online  [1:#dev, 2 in]");
      eve.enter("/all");
      await eve.shows("Everything is shown in one stream now.");
      eve.press("ctrlD");
      assertEquals(await eve.ended(), 0);
    }
    await using eve = start();
    await eve.hasState("online  [1:#dev, 2 in]");
    await bob.send("eve", "hi");
    await eve.shows(/\] bob: hi/);
    eve.enter("/close");
    await eve.endsWith("eve>");
    eve.press("ctrlD");
    assertEquals(await eve.ended(), 0);
    await using again = start();
    await again.endsWith("eve>");
    again.enter("who");
    await again.shows("2 online");
    await again.hasState("online");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("an account goes on where it was, and reads what it has not read", async () => {
  await using server = new TestServer();
  const account = async (name: string): Promise<JimClient> => {
    const client = await JimClient.connect(server.address);
    await client.login(name, { password: PASSWORD, register: true });
    await client.join("#dev");
    return client;
  };
  await using bob = await account("bob");
  await (await account("eve")).quit();
  const dir = await Deno.makeTempDir({ prefix: "jim-view-" });
  await Deno.writeTextFile(`${dir}/password`, PASSWORD);
  const permissions = [`--allow-read=${dir}`, `--allow-write=${dir}`];
  const start = () =>
    startClient([
      ...[...place(server), "--history-dir", dir, "--password-file", `${dir}/password`],
    ], { permissions, rows: 40 });
  try {
    {
      await using eve = start();
      await eve.endsWith("eve>");
      await eve.shows("Back in #dev.");
      eve.enter("chat #dev");
      await eve.hasState("online  [1:#dev, 2 in]");
      eve.press("ctrlD");
      assertEquals(await eve.ended(), 0);
    }
    for (const text of ["one", "two"]) await bob.send("#dev", text);
    await bob.send("eve", "letter");
    await using eve = start();
    await eve.shows("#dev bob: two");
    await eve.endsWith("eve → #dev>");
    const view = viewOf(eve.screen(), "#dev");
    assertEquals(view.filter((row) => /bob|new/.test(row)), [
      "──────────────── 2 new ────────────────",
      "#dev bob: one",
      "#dev bob: two",
    ]);
    await eve.hasState("online  [1:#dev, 2 in]  2:bob 1");
    eve.enter("/next");
    await eve.endsWith("eve → bob>");
    await eve.shows("bob: letter");
    assertEquals(viewOf(eve.screen(), "bob").filter((row) => row.startsWith("bob")), [
      "bob: letter",
    ]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("--join enters rooms in a pipe and for a listener; one that is refused is one line", async () => {
  await using server = new TestServer();
  await using bob = await friend("bob", server, "#a", "#b");
  await bob.login("bob", { password: PASSWORD, register: true });
  await bob.join("#private");
  await bob.setRoom("#private", { private: true });
  const args = [...place(server), "--join", "#a,#private,#b"];
  const { code, stderr } = await runClient(args, "message #b hi\n", {});
  assertEquals(code, 0);
  const told = stderr.split("\n").filter((line) => /#(a|b|private)/.test(line));
  assertEquals(told.map((line) => line.replace(/^\[[\d:]+\] /, "").replace(/:.*/, "")), [
    "In #a",
    "Not in #private",
    "In #b",
    "→ #b",
  ]);
});
