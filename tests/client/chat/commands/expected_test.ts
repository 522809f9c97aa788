import { assertEquals } from "@std/assert";

import { expectedBehind, likelyNames } from "../../../../client/chat/commands/expected.ts";
import { speakerOf } from "../../../../client/texts/texts.ts";
import { NOON } from "../../../support/kept_server.ts";
import { withKeptChat } from "../../../support/start_chat.ts";

Deno.test("behind a command about somebody in a room Tab offers who is there", async () => {
  await withKeptChat(async ({ chat, enter }) => {
    chat.names.add(["zoe"]);
    assertEquals(expectedBehind(chat, "kick "), undefined, "nobody knows which room");
    await enter("join #dev");
    const members = ["bob", "eve", "#dev"];
    assertEquals(expectedBehind(chat, "kick "), members);
    assertEquals(expectedBehind(chat, "/ban #dev "), members);
    assertEquals(expectedBehind(chat, "забанить "), members);
    assertEquals(expectedBehind(chat, "mute "), members);
    assertEquals(expectedBehind(chat, "kick bob "), undefined);
    assertEquals(expectedBehind(chat, "message "), undefined);
    assertEquals(expectedBehind(chat, "nothing "), undefined);
    assertEquals(expectedBehind(chat, "invite ")?.includes("zoe"), true);
    await enter("chat bob");
    assertEquals(expectedBehind(chat, "kick "), undefined, "a message");
    assertEquals(expectedBehind(chat, "/kick "), members);
  });
});

Deno.test("where only a room may stand Tab offers rooms, those that were heard of too", async () => {
  await withKeptChat(async ({ chat, enter }) => {
    await enter("join #dev");
    chat.names.add(["zoe", "#ops"]);
    for (const word of ["join", "leave", "who", "topic", "remove", "кто"]) {
      assertEquals([word, expectedBehind(chat, `${word} `)], [word, ["#dev", "#ops"]]);
    }
    assertEquals(expectedBehind(chat, "topic #dev "), undefined, "a text, maybe with a name");
  });
});

Deno.test("behind help Tab offers one command", async () => {
  await withKeptChat(({ chat }) => {
    for (const word of ["mute", "заглушить", "w"]) {
      assertEquals([word, expectedBehind(chat, "help ")?.includes(word)], [word, true]);
    }
    assertEquals(expectedBehind(chat, "help mute "), []);
    return Promise.resolve();
  });
});

Deno.test("a room whose members are not known is asked for: the next Tab knows them", async () => {
  await withKeptChat(async ({ chat, server, enter }) => {
    await enter("join #dev");
    chat.members.forget();
    server.answer = () => ({ users: [{ account_name: "kim", status: "" }] });
    assertEquals(expectedBehind(chat, "kick "), undefined);
    await server.until(() => server.requests("who").length === 1);
    while (chat.members.of("#dev").length === 0) await chat.client.probe();
    assertEquals(expectedBehind(chat, "kick "), ["kim", "#dev"]);
  });
});

Deno.test("roles and settings are offered where they stand, in the language of the chat", async () => {
  for (
    const [language, roles, settings, values] of [
      ["en", ["owner", "moderator", "member"], ["private", "moderated", "slow", "remove"], [
        "on",
        "off",
      ]],
      ["ru", ["владелец", "модератор", "участник"], [
        "закрытая",
        "модерация",
        "медленно",
        "удалить",
      ], ["вкл", "выкл"]],
    ] as const
  ) {
    await withKeptChat(async ({ chat, enter }) => {
      await enter("join #dev");
      assertEquals(expectedBehind(chat, "grant bob "), [...roles]);
      assertEquals(expectedBehind(chat, "grant #dev bob "), [...roles]);
      assertEquals(expectedBehind(chat, "room "), [...settings, "#dev"]);
      assertEquals(expectedBehind(chat, `room #dev ${settings[0]} `), [...values]);
      assertEquals(expectedBehind(chat, `room ${settings[2]} `), []);
    }, { speaker: speakerOf(language) });
  }
});

Deno.test("behind every command stands what its usage says: people, rooms, names and rooms, or nothing", async () => {
  await withKeptChat(async ({ chat, enter }) => {
    await enter("join #dev");
    chat.names.add(["zoe", "#ops"]);
    const people = chat.names.all.filter((name) => name !== "#ops");
    const rooms = ["#dev", "#ops"];
    const anything = undefined;
    for (
      const [before, expected] of [
        ["message ", anything],
        ["message bob ", anything],
        ["message bob see you, ", anything],
        ["chat ", anything],
        ["chat bob ", []],
        ["history ", anything],
        ["history bob ", []],
        ["search lunch ", anything],
        ["around ", []],
        ["edit ", anything],
        ["delete ", people],
        ["block ", people],
        ["разблокировать ", people],
        ["login ", people],
        ["status ", anything],
        ["rooms ", []],
        ["exit ", []],
        ["join #dev ", []],
        ["invite bob ", [...rooms, "off"]],
        ["invite bob #dev ", ["off"]],
        ["invite bob off ", []],
        ["unban bob ", rooms],
      ] as const
    ) {
      const offered = expectedBehind(chat, before);
      assertEquals([before, offered], [before, expected && [...expected]]);
    }
    await enter("chat bob");
    assertEquals(expectedBehind(chat, "see "), undefined);
  });
});

Deno.test("who is in the open room goes first, and of these who has spoken last, live or before", async () => {
  await withKeptChat(async ({ chat, server, enter }) => {
    server.keepMany("#dev", "tea", 1);
    await enter("join #dev");
    assertEquals(likelyNames(chat), ["bob"], "in no conversation nobody is here");
    await enter("chat #dev");
    chat.members.moved("#dev", ["ann", "kim"], []);
    await server.deliver({ to: "#dev", from: "kim", message: "hi", time: NOON, seq: 2 });
    await server.deliver({ to: "eve", from: "zoe", message: "hi", time: NOON, seq: 1 });
    await chat.client.probe();
    assertEquals(likelyNames(chat), ["kim", "bob", "ann", "eve", "zoe"]);
  });
});
