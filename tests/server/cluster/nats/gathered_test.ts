import { assertEquals } from "@std/assert";

import { Gathered } from "../../../../server/cluster/nats/gathered.ts";
import { settle } from "../../../support/settle.ts";

function gathered(maxBytes = 1000) {
  const sent: string[] = [];
  const decoder = new TextDecoder();
  const out = new Gathered((subject, piece, reply) => {
    sent.push(`${subject} ${decoder.decode(piece)}${reply === undefined ? "" : ` ${reply}`}`);
  }, () => maxBytes);
  return { out, sent };
}

Deno.test("what is said in a turn leaves together when it is over, per subject", async () => {
  const { out, sent } = gathered();
  out.put("a", "1", { reply: "r" });
  out.put("b", "2");
  out.put("a", "3", { reply: "r" });
  assertEquals(sent, []);
  await settle();
  assertEquals(sent, ["a 1=[1,3] r", "b 1=[2]"]);
  out.put("a", "4");
  await settle();
  assertEquals(sent.slice(2), ["a 2=[4]"]);
  assertEquals([out.count("a"), out.count("b"), out.count("c")], [2, 1, 0]);
  out.forget("a");
  assertEquals(out.count("a"), 0);
});

Deno.test("what is said to all keeps its place among what is said to one", () => {
  const { out, sent } = gathered();
  out.put("a", "1");
  out.put("all", "2", { isToAll: true });
  out.put("all", "3", { isToAll: true });
  out.put("a", "4");
  out.put("b", "5");
  out.put("a", "6");
  out.flush();
  assertEquals(sent, ["a 1=[1]", "all 1=[2,3]", "a 2=[4,6]", "b 1=[5]"]);
  out.flush();
  assertEquals(sent.length, 4);
});

Deno.test("what is too long leaves in several pieces", () => {
  const { out, sent } = gathered(64);
  out.put("a", JSON.stringify("x".repeat(60)));
  out.flush();
  assertEquals(sent.map((line) => line.slice(0, 5)), ["a 1<[", "a 2>x"]);
  assertEquals(out.count("a"), 2);
});

Deno.test("what may grow does so until it leaves, and takes in nothing that is said behind something else", () => {
  const { out, sent } = gathered();
  const lists: string[][] = [];
  const grow = (): string[] => {
    const list: string[] = [];
    lists.push(list);
    out.put("a", () => `[${list.splice(0).join(",")}]`);
    return list;
  };
  grow().push("1", "2");
  out.put("a", "3"); // 1 and 2 are said by now
  lists[0]!.push("lost");
  grow().push("4");
  out.put("b", "5"); // to others: nothing to do with it
  lists[1]!.push("6");
  out.put("all", "7", { isToAll: true });
  lists[1]!.push("lost");
  grow().push("8");
  out.flush();
  assertEquals(sent, ["a 1=[[1,2],3,[4,6]]", "b 1=[5]", "all 1=[7]", "a 2=[[8]]"]);
  out.flush();
  assertEquals(sent.length, 4);
});
