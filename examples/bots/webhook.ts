/**
 * Posts what it hears to a URL as JSON, and says what the URL answers:
 * `deno run --allow-net=HOST:PORT,URL-HOST examples/bots/webhook.ts URL [HOST [PORT [NAME [#ROOM …]]]]`.
 *
 * @module
 */

import { JimClient } from "@jim/messenger";

const [url = "", hostname = "localhost", port = "7777", name = "hook", ...rooms] = Deno.args;
if (!URL.canParse(url)) throw new TypeError("The first argument must be a URL");
await using client = await JimClient.connect({ hostname, port: Number(port), name });
Deno.addSignalListener("SIGINT", () => client.quit());
for (const room of rooms) await client.join(room);
for await (const { from, to, message, time } of client.messages()) {
  if (from === client.name) continue;
  const answer = await post({ from, to, message, time });
  if (answer !== "") await client.send(to.startsWith("#") ? to : from, answer);
}

async function post(said: object): Promise<string> {
  const [body, signal] = [JSON.stringify(said), AbortSignal.timeout(10_000)];
  const headers = { "content-type": "application/json" };
  const got = await fetch(url, { method: "POST", body, headers, signal }).catch(() => undefined);
  const text = await got?.text().catch(() => undefined);
  return got?.ok && text !== undefined ? [...text].slice(0, 4096).join("") : "Not posted, sorry";
}
