/**
 * Says back what it is told, and in rooms what follows `!echo`:
 * `deno run --allow-net=localhost:7777 examples/bots/echo.ts [HOST [PORT [NAME [#ROOM …]]]]`.
 *
 * @module
 */

import { JimClient } from "@jim/messenger";

const [hostname = "localhost", port = "7777", name = "echo", ...rooms] = Deno.args;
await using client = await JimClient.connect({ hostname, port: Number(port), name });
Deno.addSignalListener("SIGINT", () => client.quit());
for (const room of rooms) await client.join(room);
for await (const { from, to, message } of client.messages()) {
  if (from === client.name) continue;
  const isRoom = to.startsWith("#");
  const text = isRoom ? /^!echo (.+)$/s.exec(message)?.[1] : message;
  if (text !== undefined) await client.send(isRoom ? to : from, text);
}
