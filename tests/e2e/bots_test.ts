// The bots of docs/bots.md against a real server: in rooms, told directly, and after their connection broke.
import { assertEquals } from "@std/assert";

import { startBot } from "../support/start_bot.ts";

Deno.test("the echo bot answers directly, commands in its room, and after a lost connection", async () => {
  await using bot = await startBot("echo.ts");
  await bot.say("echo", "hello?");
  assertEquals(await bot.hears(), ["echo", "eve", "hello?"]);
  await bot.say("#dev", "nothing to the bot");
  await bot.say("#dev", "!echo all of\nyou");
  assertEquals(await bot.hears(), ["echo", "#dev", "all of\nyou"]);
  bot.cut();
  await bot.say("#dev", "!echo again");
  assertEquals(await bot.hears(), ["echo", "#dev", "again"]);
  assertEquals(bot.connections(), 2);
  assertEquals(await bot.interrupted(), { code: 0, signal: null, stderr: "" });
});

Deno.test("the reminder bot reminds, also if its connection breaks meanwhile", async () => {
  await using bot = await startBot("reminder.ts");
  await bot.say("#dev", "!remind 1s the tea");
  assertEquals(await bot.hears(), ["reminder", "#dev", "eve: in 1s"]);
  bot.cut();
  assertEquals(await bot.hears(), ["reminder", "#dev", "eve: the tea"]);
  await bot.say("reminder", "!remind me");
  const usage = "Say !remind, a time as 30s, 10m or 2h, and of what";
  assertEquals(await bot.hears(), ["reminder", "eve", usage]);
  await bot.say("reminder", "!remind 99h much later");
  assertEquals(await bot.hears(), ["reminder", "eve", "eve: in 99h"]);
  assertEquals(bot.connections(), 2);
  assertEquals(await bot.interrupted(), { code: 0, signal: null, stderr: "" });
});

Deno.test("the webhook bot posts what it hears, and says what comes back", async () => {
  const posted: unknown[] = [];
  const answers = [new Response("on it"), new Response(null), new Response("no", { status: 500 })];
  await using hook = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { time, ...said } = await request.json();
      posted.push([request.method, request.headers.get("content-type"), typeof time, said]);
      return answers.shift() ?? new Response("back");
    },
  );
  await using bot = await startBot("webhook.ts", {
    "https://hooks.example.com/jim": `http://127.0.0.1:${hook.addr.port}/jim`,
    "hooks.example.com": `127.0.0.1:${hook.addr.port}`,
  });
  await bot.say("#dev", "deploy");
  assertEquals(await bot.hears(), ["webhook", "#dev", "on it"]);
  await bot.say("#dev", "an empty answer");
  await bot.say("webhook", "an error");
  assertEquals(await bot.hears(), ["webhook", "eve", "Not posted, sorry"]);
  bot.cut();
  await bot.say("#dev", "are you back?");
  assertEquals(await bot.hears(), ["webhook", "#dev", "back"]);
  assertEquals(
    posted,
    [
      ["#dev", "deploy"],
      ["#dev", "an empty answer"],
      ["webhook", "an error"],
      ["#dev", "are you back?"],
    ].map(([to, message]) => ["POST", "application/json", "number", { from: "eve", to, message }]),
  );
  assertEquals(bot.connections(), 2);
  assertEquals(await bot.interrupted(), { code: 0, signal: null, stderr: "" });
});
