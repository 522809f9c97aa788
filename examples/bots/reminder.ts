/**
 * Reminds of what it was told: "!remind 10m the tea", to it or in its rooms. It forgets all when it ends.
 * `deno run --allow-net=localhost:7777 examples/bots/reminder.ts [HOST [PORT [NAME [#ROOM …]]]]`.
 *
 * @module
 */

import { JimClient } from "@jim/messenger";

const MS = { s: 1_000, m: 60_000, h: 3_600_000 };
const [hostname = "localhost", port = "7777", name = "reminder", ...rooms] = Deno.args;
await using client = await JimClient.connect({ hostname, port: Number(port), name });
Deno.addSignalListener("SIGINT", () => client.quit());
for (const room of rooms) await client.join(room);
for await (const { from, to, message } of client.messages()) {
  const where = to.startsWith("#") ? to : from;
  if (from === client.name || !message.startsWith("!remind")) continue;
  const [, count, unit, what] = /^!remind (\d\d?)([smh]) (.+)$/s.exec(message) ?? [];
  if (what === undefined) {
    await client.send(where, "Say !remind, a time as 30s, 10m or 2h, and of what");
    continue;
  }
  const remind = (): unknown => client.send(where, `${from}: ${what}`).catch(() => {}); // closed
  Deno.unrefTimer(setTimeout(remind, Number(count) * MS[unit as keyof typeof MS]));
  await client.send(where, `${from}: in ${count}${unit}`);
}
