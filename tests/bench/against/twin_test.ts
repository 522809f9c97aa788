import { assertEquals, assertNotEquals } from "@std/assert";

import { Checkout } from "../../../bench/against/checkout.ts";
import { twinOf } from "../../../bench/against/twin.ts";
import { Processes } from "../../../bench/processes.ts";
import type { Host, Server } from "../../../bench/servers.ts";

/** A server that tells what it is started with. */
function recorder(started: [id: string, root: string | undefined, command: string][]): Server {
  return {
    id: "kept",
    title: "ours",
    protocol: "jim",
    concurrency: 1,
    answers: true,
    version: () => Promise.resolve("1"),
    start(host) {
      started.push([this.id, host.root, host.command.join(" ")]);
      return Promise.reject(new Error("started"));
    },
  };
}

Deno.test("a twin is the same server under another name, started from the commit's files", async () => {
  const started: [string, string | undefined, string][] = [];
  const server = recorder(started);
  const checkout = {
    commit: "abc1234",
    directory: "/before",
    serverCommand: () => Promise.resolve(["deno", "run", "old.ts"]),
  } as Pick<Checkout, "commit" | "directory" | "serverCommand"> as Checkout;
  const twin = await twinOf(server, checkout);
  const host: Host = { processes: new Processes(), directory: "/tmp", command: ["deno", "now"] };
  for (const one of [server, twin]) await one.start(host).catch(() => {});
  assertEquals(started, [
    ["kept", undefined, "deno now"],
    ["kept-before", "/before", "deno run old.ts"],
  ]);
  assertEquals([twin.title, twin.twinOf], ["ours, at abc1234", server]);
  assertNotEquals(twin.id, server.id);
});
