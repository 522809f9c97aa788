import { assert, assertEquals, assertStringIncludes } from "@std/assert";

import { JimClient } from "../../client/library/jim_client.ts";
import { TestServer } from "../support/server_fixture.ts";
import { Terminal } from "../support/terminal.ts";

const onUnix = { ignore: Deno.build.os === "windows" };

for (const env of [{ TERM: "dumb" }, { TERM: undefined }]) {
  const isMissing = env.TERM === undefined;
  Deno.test(
    `${isMissing ? "without TERM" : "with TERM=dumb"} there are no escapes, only lines`,
    onUnix,
    async () => {
      await using server = new TestServer();
      const { hostname, port } = server.address;
      await using bob = await JimClient.connect({ hostname, port, name: "bob" });
      const messages = bob.messages();
      // That it is missing is not seen without the permission.
      const run = [Deno.execPath(), "run", "--quiet", "--allow-net"];
      const unset = ["env", "-u", "TERM", ...run, "--allow-env=TERM"];
      await using eve = Terminal.start(
        ["env", ...(isMissing ? unset : run), "client.ts", hostname, String(port)],
        { env },
      );
      await eve.endsWith("Your name:");
      eve.enter("eve");
      await eve.endsWith("eve>");
      assertEquals([eve.isPasteMarked, eve.tty.echoes, eve.tty.isLineByLine], [false, true, true]);
      eve.enter("message bob one\\");
      await eve.endsWith("…");
      eve.enter("two");
      assertEquals((await messages.next()).value?.message, "one\ntwo");
      await eve.shows("│ two · sent");
      await eve.endsWith("eve>");
      eve.type("half a ");
      await eve.endsWith("eve> half a");
      await bob.send("eve", "\x1b[31mred");
      await eve.shows("bob: \\u{1b}[31mred");
      await eve.endsWith("eve>");
      eve.enter("line");
      await eve.shows("There is no command 'half'");
      await eve.endsWith("eve>");
      eve.enter("register");
      await eve.endsWith("New password for eve:");
      await eve.until(() => !eve.tty.echoes, "no echo");
      eve.enter("correct horse");
      await eve.endsWith("The same again:");
      eve.enter("correct horse");
      await eve.shows("eve is an account now");
      await eve.endsWith("eve>");
      assert(!eve.colours().includes("\x1b["));
      assert(!eve.scrollback().includes("horse"));
      eve.press("ctrlD");
      assertEquals(await eve.ended(), 0);
      assertStringIncludes(eve.screen(), "Goodbye.");
    },
  );
}

Deno.test(
  "with --plain one Ctrl-C drops a line and leaves a question, and the chat goes on",
  onUnix,
  async () => {
    await using server = new TestServer();
    const { hostname, port } = server.address;
    const run = ["run", "--quiet", "--allow-net", "client.ts", "--plain", "--name", "eve"];
    await using eve = Terminal.start([Deno.execPath(), ...run, hostname, String(port)]);
    await eve.endsWith("eve>");
    eve.enter("message bob");
    await eve.endsWith("Message:");
    eve.type("half a line");
    eve.press("ctrlC");
    await eve.shows("Nothing was sent.");
    await eve.endsWith("eve>");
    eve.enter("topic");
    await eve.endsWith("Room:");
    eve.press("ctrlD");
    assertEquals(await eve.ended(), 0);
  },
);
