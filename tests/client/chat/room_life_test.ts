// A room and those who run it, as the people in it see it: three chats on the real server.
import { assertEquals, assertMatch } from "@std/assert";

import { FakeClock } from "../../support/fake_clock.ts";
import { Person } from "../../support/person.ts";
import { TestServer } from "../../support/server_fixture.ts";

Deno.test("a lesson: a troll in three steps, a helper, a lecture, slow mode and a closed door", async () => {
  const clock = new FakeClock(Date.now()); // the store goes by the system's
  await using server = new TestServer({ clock });
  await using ann = await Person.start(server, "ann", { clock });
  await using kim = await Person.start(server, "kim", { clock, language: "ru" });
  await using bob = await Person.start(server, "bob", { clock });
  await ann.type("join #class", "chat #class");
  await kim.type("join #class", "chat #class");
  await bob.type("join #class", "chat #class");
  await ann.sees();

  assertEquals(await ann.type("/mute bob 10m", "/kick bob 2h", "/ban bob 2"), [
    "*** ann muted bob in #class for 10 min",
    "Nothing was done: a kick takes no time. '/ban bob 2h' keeps somebody out for so long.",
    "Nothing was done: a duration is a number with s, m, h, d or w, as in 90s, 2h or 1h30m, up to ten " +
    "years; received '2'. None means for good. A reason that begins with a digit needs a duration before it.",
  ]);
  assertEquals(await bob.type("buy this"), [
    "*** ann muted you in #class for 10 min",
    "→ #class: buy this · not sent: you are muted in #class for another 10 min (403)",
  ]);
  await ann.type("/kick bob no ads");
  assertEquals(await bob.type("join #class", "chat #class"), [
    ...["*** ann kicked you from #class: no ads", "Back to commands."],
    ...[
      "In #class: ann, bob, kim",
      "You write to #class now: each line is sent. Commands begin with '/', '/close' ends it.",
    ],
  ]);
  assertEquals((await kim.sees()).slice(-3), [
    "*** ann лишает bob слова в #class на 10 мин",
    "*** ann выгоняет bob из #class: no ads",
    "*** bob теперь в #class",
  ]);

  assertEquals((await ann.type("/grant kim moderator")).slice(-1), [
    "*** ann made kim a moderator of #class",
  ]);
  assertEquals(await kim.type("/забанить bob 2ч реклама"), [
    "*** ann делает вас модератором #class",
    "*** kim банит bob в #class на 2 ч: реклама",
  ]);
  assertEquals(await bob.type("join #class"), [
    "*** ann made kim a moderator of #class",
    ...["*** kim banned you from #class for 2 h: реклама", "Back to commands."],
    "you are banned from #class for another 2 h: реклама (403)",
  ]);
  assertEquals(await kim.type("/кто #class", "/комната"), [
    ...["В #class: 2", "  имя  роль       статус", "  ann  владелец", "  kim  модератор"].map((
      row,
    ) => row),
    ...["#class", "  Войти и писать могут все.", "  владельцы: ann", "  модераторы: kim"],
    "  бан: bob, ещё 2 ч, от kim: реклама",
    "  без слова: bob, ещё 10 мин, от ann",
  ]);
  assertEquals(await kim.type("/забанить ann", "/комната закрытая вкл"), [
    "это может только владелец или модератор #class, и только с тем, чья роль ниже (403)",
    "это может только владелец #class (403)",
  ]);
  assertEquals((await ann.type("/unban bob", "/unmute bob")).slice(-2), [
    "bob may enter #class again.",
    "*** ann lets bob speak in #class again",
  ]);

  await bob.type("join #class", "chat #class");
  await ann.type("/room moderated on");
  assertEquals(await bob.type("may I?"), [
    "*** ann made #class moderated: only owners and moderators speak",
    "→ #class: may I? · not sent: #class is moderated: only owners and moderators speak there (403)",
  ]);
  await ann.type("/room moderated off", "/room slow 1h");
  const [, , first, second] = await bob.type("one", "two");
  assertEquals(first, "→ #class: one · sent to 2");
  assertMatch(
    second!,
    /^→ #class: two · not sent: .* in slow mode: you may write again in (1 h|60 min|59 min)/,
  );

  await ann.type("/room slow off", "/room private on");
  assertEquals((await bob.type("/leave", "join #class")).slice(-1), [
    "#class is private: only who was invited may enter (403)",
  ]);
  assertEquals((await ann.type("/invite bob")).slice(-2), [
    ...["bob is invited to #class.", "*** bob left #class"], // a while after he has
  ]);
  assertEquals((await bob.sees()).slice(-1), ["*** ann invited you to #class: 'join #class'"]);
  assertEquals((await bob.type("join #class"))[0], "In #class: ann, bob, kim");
  ann.ui.answers = ["y"];
  assertEquals((await ann.type("/room remove")).slice(-2), [
    "*** ann removed #class",
    "Back to commands.",
  ]);
  assertEquals((await bob.sees()).slice(-1), ["*** ann removed #class"]);
});

Deno.test("a guest who is here cannot be invited, since there is no such account: so in all languages", async () => {
  await using server = new TestServer();
  await using ann = await Person.start(server, "ann");
  await using kim = await Person.start(server, "kim", { language: "ru" });
  await using bob = await Person.start(server, "bob", { isGuest: true });
  await ann.type("join #class");
  await kim.type("join #school");
  await bob.type("join #class", "join #school");
  await Promise.all([ann.sees(), kim.sees()]);
  assertEquals((await ann.type("invite bob"))[0], "There is no account of that name (404)");
  assertEquals((await kim.type("пригласить bob"))[0], "учётной записи с таким именем нет (404)");
});
