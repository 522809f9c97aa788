import { assertEquals } from "@std/assert";

import { firstCause } from "../../launcher/within.ts";
import { settle } from "../support/settle.ts";

Deno.test("a server that ends with its clients is the cause, whoever was faster", async () => {
  const [server, clients] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const cause = firstCause(server.promise, clients.promise);
  clients.resolve("clients");
  await settle();
  server.resolve("server");
  assertEquals(await cause, "server");
  assertEquals(await firstCause(Promise.resolve("server"), new Promise(() => {})), "server");
});
