import { assertEquals, assertStringIncludes } from "@std/assert";

import { Person } from "../../../support/person.ts";
import { TestServer } from "../../../support/server_fixture.ts";

Deno.test("without a conversation history asks whose, and takes what may stand behind it", async () => {
  await using server = new TestServer();
  await using ann = await Person.start(server, "ann");
  await ann.type("join #dev");
  for (const typed of ["#dev 3", "bob", "#dev 101", "#dev x"]) {
    ann.ui.answers = [` ${typed} `];
    const asked = await ann.type("history");
    assertEquals(asked, await ann.type(`history ${typed}`));
    assertEquals(ann.ui.questions.splice(0), ["Whose history (a name, or #room): "]);
  }
  ann.ui.answers = [" "];
  assertEquals(await ann.type("history"), []);
  await using bob = await Person.start(server, "bob", { language: "ru" });
  bob.ui.answers = ["#dev 101"];
  assertStringIncludes((await bob.type("история"))[0]!, "от 1 до 100");
  assertEquals(bob.ui.questions, ["Чья история (имя или #комната): "]);
});
