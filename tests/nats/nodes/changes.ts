import { assert, assertEquals } from "@std/assert";

import {
  account,
  code,
  guest,
  type NodeGroup,
  type NodeTests,
  soon,
  upTo,
} from "../../support/node_group.ts";
import { filesWith } from "../../support/files_with.ts";
import type { Frame, RawClient } from "../../support/raw_client.ts";

const say = (to: string, message: string, more: object = {}): object => ({
  event: "msg",
  to,
  message,
  ...more,
});

/** Where a text still is: in the files of the databases, and in what NATS keeps. */
function placesOf(nodes: NodeGroup, text: string): string[] {
  const places = [0, 1].flatMap((index) =>
    filesWith(nodes.db(index), text).map((name) => `${index}/${name}`)
  );
  const { stdout } = new Deno.Command("grep", { args: ["-rlaF", "--", text, nodes.nats.store] })
    .outputSync();
  return [...places, ...new TextDecoder().decode(stdout).split("\n").filter(Boolean)];
}

async function said(client: RawClient, seq: unknown, room: string): Promise<Frame> {
  const { messages } = await client.ask({ event: "history", with: room, limit: 100 });
  return (messages as Frame[]).find((message) => message.seq === seq)!;
}

/** `edit` and `delete`, asked of another node than the one that took the message. */
export const CHANGES: NodeTests = {
  "an edit from the other node is seen on both, and the text before is gone": async (nodes) => {
    const { a, b } = nodes;
    const [writer, reader] = [await account(a, "ed-writer"), await account(b, "ed-reader")];
    await writer.ask({ event: "join", room: "#edits" });
    await reader.ask({ event: "join", room: "#edits" });
    await soon(writer, { event: "who", room: "#edits" }, ({ total }) => total === 2);
    await reader.pending();
    const { seq } = await writer.ask(say("#edits", "zapretnoe-slovo-1"));
    await reader.frame();
    assert(placesOf(nodes, "zapretnoe-slovo-1").length > 0);
    const elsewhere = await b.connect();
    const user = { account_name: "ed-writer", password: "correct horse" };
    assertEquals(await code(elsewhere, { event: "authenticate", user, takeover: true }), 200);
    await elsewhere.ask({ event: "join", room: "#edits" });
    const edit = { event: "edit", to: "#edits", seq, message: "novoe slovo" };
    assertEquals(await code(reader, edit), 403);
    assertEquals(await code(elsewhere, edit), 200);
    const told = (await upTo(reader, ({ event }) => event === "edit")).at(-1)!;
    assertEquals([told.seq, told.message, told.from], [seq, "novoe slovo", "ed-writer"]);
    const onA = await account(a, "ed-third");
    await onA.ask({ event: "join", room: "#edits" });
    for (const client of [reader, elsewhere, onA]) {
      const { message, edited } = await said(client, seq, "#edits");
      assertEquals([message, typeof edited], ["novoe slovo", "number"]);
    }
    assertEquals((await onA.ask({ event: "search", text: "novoe" })).messages, [
      await said(reader, seq, "#edits"),
    ]);
    assertEquals((await onA.ask({ event: "search", text: "zapretnoe*" })).messages, []);
    // The log keeps it, since a letter may hang on it, until the message is deleted.
    await goneFrom(nodes, "zapretnoe-slovo-1", /jim\.db/);
    assertEquals(await code(elsewhere, { event: "delete", to: "#edits", seq }), 200);
    await goneFrom(nodes, "zapretnoe-slovo-1");
    await goneFrom(nodes, "novoe slovo");
  },
  "a delete from the other node leaves the text nowhere": async (nodes) => {
    const { a, b } = nodes;
    const [writer, owner] = [await account(a, "del-writer"), await account(b, "del-owner")];
    const visitor = await guest(a, "del-guest");
    await owner.ask({ event: "join", room: "#deletes" });
    for (const client of [writer, visitor]) await client.ask({ event: "join", room: "#deletes" });
    await soon(owner, { event: "who", room: "#deletes" }, ({ total }) => total === 3);
    const { seq } = await writer.ask(say("#deletes", "sekret-odin-ъ"));
    const { seq: direct } = await writer.ask(say("del-owner", "sekret-dva-ъ"));
    const { seq: guests } = await visitor.ask(say("#deletes", "sekret-tri-ъ"));
    for (const text of ["odin", "dva", "tri"]) {
      assert(placesOf(nodes, `sekret-${text}-ъ`).length > 0, text);
    }
    await visitor.pending();
    assertEquals(await code(owner, { event: "delete", to: "#deletes", seq }), 200);
    const told = (await upTo(visitor, ({ event }) => event === "delete")).at(-1)!;
    assertEquals([told.seq, told.by, told.from], [seq, "del-owner", "del-writer"]);
    assertEquals(await code(owner, { event: "delete", to: "del-writer", seq: direct }), 403);
    assertEquals(await code(writer, { event: "delete", to: "del-owner", seq: direct }), 200);
    assertEquals(await code(visitor, { event: "delete", to: "#deletes", seq: guests }), 200);
    for (const client of [owner, writer, visitor]) {
      const { message, deleted } = await said(client, seq, "#deletes");
      assertEquals([message, deleted], [undefined, true]);
    }
    for (const text of ["odin", "dva", "tri"]) await goneFrom(nodes, `sekret-${text}-ъ`);
    assertEquals(await code(writer, { event: "edit", to: "#deletes", seq, message: "again" }), 404);
  },
  "changes of one message from two nodes at once end the same on both": async ({ a, b }) => {
    const [writer, owner] = [await account(a, "race-writer"), await account(b, "race-owner")];
    await owner.ask({ event: "join", room: "#races" });
    await writer.ask({ event: "join", room: "#races" });
    await soon(owner, { event: "who", room: "#races" }, ({ total }) => total === 2);
    for (let round = 0; round < 10; round++) {
      const { seq } = await writer.ask(say("#races", `text ${round}`));
      const [edited, deleted] = await Promise.all([
        code(writer, { event: "edit", to: "#races", seq, message: `edited ${round}` }),
        code(owner, { event: "delete", to: "#races", seq }),
      ]);
      assertEquals(deleted, 200);
      assert(edited === 200 || edited === 403 || edited === 404, `${edited}`);
      for (const client of [writer, owner]) {
        assertEquals((await said(client, seq, "#races")).deleted, true);
      }
    }
  },
};

/** The text is nowhere any more once all nodes have applied what was asked; this node's own copy is clean at once. */
async function goneFrom(nodes: NodeGroup, text: string, where = /./): Promise<void> {
  const until = performance.now() + 5_000;
  let places: string[];
  do {
    await new Promise((resolve) => setTimeout(resolve, 20)); // a file is no event
    places = placesOf(nodes, text).filter((place) => where.test(place));
  } while (places.length > 0 && performance.now() < until);
  assertEquals(places, [], text);
}
