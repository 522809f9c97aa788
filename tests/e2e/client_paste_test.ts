import { assert, assertEquals, assertStringIncludes } from "@std/assert";

import { JimClient } from "../../client/library/jim_client.ts";
import { TestServer } from "../support/server_fixture.ts";
import { startClient } from "../support/start_client.ts";
import type { Terminal } from "../support/terminal.ts";

/** Bob, who gets messages, and eve, who writes them in a terminal. */
async function meet(
  server: TestServer,
  flags: string[] = [],
): Promise<{ bob: JimClient; next: () => Promise<string | undefined>; eve: Terminal }> {
  const { hostname, port } = server.address;
  const bob = await JimClient.connect({ hostname, port, name: "bob" });
  const messages = bob.messages();
  const eve = startClient([hostname, String(port), "-n", "eve", ...flags]);
  await eve.endsWith("eve>");
  return { bob, next: async () => (await messages.next()).value?.message, eve };
}

Deno.test("all that could end a line is shown, and sent as it was typed or pasted", async () => {
  await using server = new TestServer();
  const { bob, next, eve } = await meet(server);
  await using _bob = bob;
  await using _eve = eve;
  eve.enter("chat bob");
  await eve.endsWith("eve → bob>");
  for (const char of ["\u2028", "\u2029", "\u0085", "\v", "\f"]) {
    const shown = `first\\u{${char.codePointAt(0)!.toString(16)}}second`;
    // As keys, VT and FF are Ctrl-K and Ctrl-L.
    const ways = "\v\f".includes(char) ? ["paste"] as const : ["paste", "type"] as const;
    for (const way of ways) {
      eve[way](`first${char}second`);
      await eve.endsWith(`eve → bob> ${shown}`);
      eve.press("enter");
      assertEquals(await next(), `first${char}second`);
      await eve.endsWith("eve → bob>");
      eve.press("up");
      await eve.endsWith(`eve → bob> ${shown}`);
      eve.press("ctrlC");
      await eve.endsWith("eve → bob>");
    }
  }
});

Deno.test("only yes is yes: what else is typed belongs to the draft, which a refused paste is a part of", async () => {
  await using server = new TestServer();
  for (
    const [lang, question, refused, words] of [
      ["en", "Send 2 lines to bob? [y/N]", "Nothing was sent.", ["yesterday", "дальше"]],
      ["ru", "Отправить 2 строки bob? [д/Н]", "Ничего не отправлено.", ["дальше", "yes or no"]],
    ] as const
  ) {
    const { bob, next, eve } = await meet(server, ["--lang", lang]);
    await using _bob = bob;
    await using _eve = eve;
    eve.enter("chat bob");
    await eve.endsWith("eve → bob>");
    let draft = "";
    for (const word of words) {
      eve.type("see: ");
      eve.paste("one\ntwo");
      await eve.endsWith(question);
      assertStringIncludes(eve.screen(), "\n│ see: one\n│ two\n");
      eve.enter(word);
      await eve.shows(refused);
      await eve.endsWith(`… two${word}`);
      assert(eve.screen().endsWith(`eve → bob> see: one\n… two${word}`));
      eve.press("ctrlU", "ctrlY");
      await eve.endsWith(`… two${word}`);
      eve.press("enter");
      await eve.endsWith(question);
      draft = `see: one\ntwo${word}`;
      eve.enter("YES");
      assertEquals(await next(), draft);
      await eve.endsWith("eve → bob>");
    }
    await bob.quit();
    eve.press("ctrlD");
    assertEquals(await eve.ended(), 0);
  }
});

Deno.test("a block that is pasted into a command belongs to it", async () => {
  await using server = new TestServer();
  const { bob, next, eve } = await meet(server);
  await using _bob = bob;
  await using _eve = eve;
  eve.type("message bob ");
  eve.paste("  one\nwho\n");
  await eve.endsWith("Send 2 lines to bob? [y/N]");
  eve.press("enter");
  await eve.endsWith("… who");
  assert(eve.screen().endsWith("eve> message bob   one\n… who"));
  eve.press("enter");
  await eve.endsWith("Send 2 lines to bob? [y/N]");
  eve.enter("y");
  assertEquals(await next(), "  one\nwho");
  eve.enter("chat zoe");
  await eve.endsWith("eve → zoe>");
  eve.type("/m bob ");
  eve.paste("three\nfour");
  await eve.endsWith("Send 2 lines to bob? [y/N]");
  eve.enter("д");
  assertEquals(await next(), "three\nfour");
  await eve.endsWith("eve → zoe>");
  eve.enter("/close");
  await eve.endsWith("eve>");
  eve.type("status ");
  eve.paste("a\nb");
  await eve.endsWith("Carry out 'status' with 2 lines? [y/N]");
  eve.press("ctrlC", "ctrlC");
  await eve.endsWith("eve>");
  eve.paste(Array.from({ length: 30 }, (_, i) => `message bob ${i}`).join("\n"));
  await eve.endsWith("Carry out 30 lines as commands? [y/N]");
  assertStringIncludes(eve.screen(), "│ message bob 8\n│ … 21 more lines\n");
  eve.enter("yes");
  for (let i = 0; i < 30; i++) assertEquals(await next(), String(i));
});
