/**
 * A bot that says back what it is told: `deno run --allow-net examples/echo_bot.ts [ADDRESS] [PORT] [NAME]`.
 * It stays online until Ctrl-C, also when the server goes and comes back.
 *
 * @module
 */

import { JimClient } from "../client/library/jim_client.ts";

const [hostname = "localhost", port = "7777", name = "echo"] = Deno.args;
await using client = await JimClient.connect({ hostname, port: Number(port), name });
Deno.addSignalListener("SIGINT", () => client.quit());
for await (const { from, message } of client.messages()) {
  if (from !== client.name) await client.send(from, message);
}
