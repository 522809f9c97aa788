// What a person relies on while typing: searching what was typed, drafts.
import { assert, assertEquals } from "@std/assert";

import { JimClient } from "../../client/library/jim_client.ts";
import { TestServer } from "../support/server_fixture.ts";
import { startClient } from "../support/start_client.ts";

/** The command line that leads to a server, under eve's name. */
function place({ address: { hostname, port } }: TestServer): string[] {
  return [hostname, String(port), "-n", "eve"];
}

Deno.test("Ctrl-R finds what was typed in either alphabet, and sends nothing by itself", async () => {
  for (const [columns, lang, prompt] of [[40, "ru", "вводили"], [100, "en", "typed"]] as const) {
    await using server = new TestServer();
    await using bob = await JimClient.connect({ ...server.address, name: "bob" });
    const messages = bob.messages();
    await using eve = startClient([...place(server), "--lang", lang], { columns });
    await eve.endsWith("eve>");
    eve.enter("chat bob");
    await eve.endsWith("eve → bob>");
    for (const text of ["Ещё чаю? 🍵", "see you", "who knows"]) {
      eve.enter(text);
      assertEquals((await messages.next()).value?.message, text);
      await eve.endsWith("eve → bob>");
    }
    eve.type("a draft");
    eve.press("ctrlR");
    eve.type("ЕЩЕ");
    await eve.endsWith(`(${prompt}: ЕЩЕ) Ещё чаю? 🍵`);
    await eve.cursorAt(`(${prompt}: ЕЩЕ) `.length, eve.screen().split("\n").length - 1);
    await bob.send("eve", "news");
    await eve.shows("bob: news");
    await eve.endsWith(`(${prompt}: ЕЩЕ) Ещё чаю? 🍵`);
    eve.press("escape");
    await eve.endsWith("eve → bob> a draft");
    eve.press("ctrlR", "ctrlR", "enter");
    await eve.endsWith("eve → bob> Ещё чаю? 🍵");
    eve.press("ctrlU", "ctrlR");
    eve.type("o");
    await eve.endsWith(`(${prompt}: o) who knows`);
    eve.press("ctrlR");
    await eve.endsWith(`(${prompt}: o) see you`);
    eve.press("ctrlS");
    await eve.endsWith(`(${prompt}: o) who knows`);
    eve.press("enter", "enter");
    assertEquals((await messages.next()).value?.message, "who knows");
  }
});

Deno.test("each conversation has its draft; one that a room has taken away is kept, and that is said", async () => {
  await using server = new TestServer();
  await using bob = await JimClient.connect({ ...server.address, name: "bob" });
  await using eve = startClient(place(server));
  await eve.endsWith("eve>");
  await bob.login("bob", { password: "correct horse", register: true });
  await bob.join("#dev");
  eve.enter("chat #dev");
  await eve.shows("In #dev:");
  eve.type("для всех");
  eve.press("altEnter");
  eve.type("2");
  await eve.endsWith("… 2");
  await bob.kick("#dev", "eve");
  await eve.shows("What you were writing there is kept; it comes back with the conversation.");
  await eve.endsWith("eve>");
  eve.enter("chat bob");
  await eve.endsWith("eve → bob>");
  eve.enter("/chat #dev");
  await eve.until((screen) => screen.endsWith("eve → #dev> для всех\n… 2"), "the draft");
  eve.press("enter");
  await eve.shows("│ 2 · sent to 1");
  await eve.endsWith("eve → #dev>");
  assert(!eve.screen().includes("для всех\n… 2"));
});
