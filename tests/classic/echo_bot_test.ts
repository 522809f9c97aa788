import { assertEquals } from "@std/assert";

import { startBot } from "../support/start_bot.ts";

Deno.test("the echo bot in Python answers directly, commands in its room, and comes back", async () => {
  await using bot = await startBot("echo.py");
  await bot.say("echo", "привет, {Python} 👋?");
  assertEquals(await bot.hears(), ["echo", "eve", "привет, {Python} 👋?"]);
  await bot.say("echo", "half \ud83d");
  assertEquals(await bot.hears(), ["echo", "eve", "half \ud83d"]);
  const long = "👋".repeat(4096);
  await bot.say("echo", long);
  assertEquals(await bot.hears(), ["echo", "eve", long]);
  await bot.say("#dev", "nothing to the bot");
  await bot.say("#dev", "!echo all of\nyou");
  assertEquals(await bot.hears(), ["echo", "#dev", "all of\nyou"]);
  bot.cut();
  await bot.enters();
  await bot.say("#dev", "!echo again");
  assertEquals(await bot.hears(), ["echo", "#dev", "again"]);
  assertEquals(bot.connections(), 2);
  assertEquals(await bot.interrupted(), { code: 130, signal: "SIGINT", stderr: "" });
});
