import { assertEquals } from "@std/assert";

import { readScript } from "../../../launcher/script/script.ts";
import { ScriptPlayer, type TypingClient } from "../../../launcher/script/script_player.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { settle } from "../../support/settle.ts";

class Stage {
  readonly clock = new FakeClock();
  readonly typed: string[] = [];
  readonly player: ScriptPlayer;
  /** What the next lines typed resolve with. */
  answer: Promise<boolean> = Promise.resolve(true);
  playing: Promise<string | undefined> | undefined;

  constructor(script: string, readonly names = ["eve", "bob"]) {
    this.player = new ScriptPlayer(readScript("demo", script), names, this.clock);
  }

  play(): Promise<string | undefined> {
    const clients: TypingClient[] = this.names.map((name) => ({
      name,
      type: (_line, onTyped) => {
        onTyped?.();
        return this.answer;
      },
    }));
    const onTyped = (name: string, line: string): number => this.typed.push(`${name}> ${line}`);
    this.playing = this.player.play(clients, onTyped)
      .then((failure) => failure && `${failure.at.number}: ${failure.words}`);
    return this.playing;
  }
}

Deno.test("steps are taken in order, each when the one before is done", async () => {
  const stage = new Stage("eve> one\nwait BOB /hi/i\npause 2\nbob> two");
  stage.play();
  await settle();
  assertEquals(stage.typed, ["eve> one"]);
  stage.player.hear("eve", "hi"); // not the one who is waited for
  await settle();
  stage.player.hear("bob", "HI");
  await settle();
  stage.clock.advance(1_999);
  await settle();
  assertEquals(stage.typed, ["eve> one"]);
  stage.clock.advance(1);
  assertEquals(await stage.playing, undefined);
  assertEquals(stage.typed, ["eve> one", "bob> two"]);
  assertEquals(stage.clock.pending, 0);
});

Deno.test("a wait that fails says what was printed instead", async () => {
  const stage = new Stage("wait eve /x/ 3");
  stage.play();
  for (const line of ["1", "2", "3", "\x1b4"]) stage.player.hear("eve", line);
  stage.clock.advance(3_000);
  assertEquals(
    await stage.playing,
    "1: eve printed no such line within 3 s, but last '2', '3', '\\u{1b}4'",
  );
});

Deno.test("a client that has ended, or does not get on, fails the step", async () => {
  const ended = new Stage("\neve> hi");
  ended.answer = Promise.resolve(false);
  assertEquals(await ended.play(), "2: eve has ended");

  const stuck = new Stage("eve> hi");
  stuck.answer = new Promise(() => {});
  stuck.play();
  stuck.clock.advance(10_000);
  assertEquals(await stuck.playing, "1: eve did not carry it out within 10 s");

  const silent = new Stage("wait server /x/");
  silent.play();
  silent.player.silence("server");
  assertEquals(await silent.playing, "1: server printed no such line within 10 s");
});
