// The habits of public clients, as tests/classic/habits.py has them, over real sockets; the time that they sleep, and
// that the server waits, passes at once.
import { assert, assertEquals } from "@std/assert";

import { ClassicClient, PassingTime } from "../support/classic_client.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { seededRandom } from "../support/random.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";
import { eventually, TestServer } from "../support/server_fixture.ts";

/** Messages in each direction. */
const COUNT = 30;

/** How one kind of client speaks. */
interface Dialect {
  readonly presence: Frame;
  message(text: string): Frame;
  /** The text of a message under the keys that the client knows. */
  textOf(frame: Frame): unknown;
}

const NAME = "Иван";
const FRIEND = "Пётр";

const OLD: Dialect = {
  presence: { action: "presence", time: 1.5, user: { account_name: NAME } },
  message: (text) => ({ action: "message", from: NAME, to: FRIEND, time: 1.5, mess_text: text }),
  textOf: ({ action, to, from, mess_text }) =>
    action === "message" && to === NAME && from === FRIEND && mess_text,
};
const LONG: Dialect = {
  presence: OLD.presence,
  message: (text) => ({
    ...{ action: "message", sender: NAME, destination: FRIEND, time: 1.5, message_text: text },
  }),
  textOf: ({ action, destination, sender, message_text }) =>
    action === "message" && destination === NAME && sender === FRIEND && message_text,
};
const SPECIFIED: Dialect = {
  presence: {
    ...{ action: "presence", type: "status", user: { account_name: NAME, status: "Yep" } },
    ...{ time: "Sun Nov 29 12:00:00 2026" } as object,
  },
  message: (text) => ({
    ...{ action: "msg", to: FRIEND, from: NAME, encoding: "utf-8", message: text },
    ...{ time: "Sun Nov 29 12:00:00 2026" } as object,
  }),
  textOf: ({ action, to, from, message }) =>
    action === "msg" && to === NAME && from === FRIEND && message,
};

/** One client that chats. */
class Habit {
  readonly client: ClassicClient;
  readonly dialect: Dialect;
  readonly #time: PassingTime;
  readonly heard: unknown[] = [];
  /** It has said and heard everything, or has come to grief. */
  isOver = false;
  #unanswered = 0;

  constructor(client: ClassicClient, dialect: Dialect, time: PassingTime) {
    this.client = client;
    this.dialect = dialect;
    this.#time = time;
  }

  get isDone(): boolean {
    return this.#unanswered === 0 && this.heard.length === COUNT;
  }

  async say(...texts: readonly string[]): Promise<void> {
    this.#unanswered += texts.length;
    await this.client.send(...texts.map(this.dialect.message));
  }

  /** The same, byte by byte. */
  async saySlowly(text: string): Promise<void> {
    this.#unanswered++;
    for (const character of JSON.stringify(this.dialect.message(text))) {
      await this.client.sendText(character);
    }
  }

  /** One `recv`: an answer or a message, and nothing else. */
  async take(): Promise<void> {
    const frame = await this.client.recv();
    assert(frame !== undefined, "the server has hung up");
    if (frame.response === undefined) {
      this.heard.push(this.dialect.textOf(frame));
    } else {
      assertEquals(frame.response, 200, frame.error);
      this.#unanswered--;
    }
  }

  async sleep(seconds: number): Promise<void> {
    for (let i = Math.round(100 * seconds); i > 0; i--) await this.#time.pass();
  }

  /** `settimeout(0.5)`, and then `recv`. */
  async look(): Promise<void> {
    for (let i = 0; i < 50 && !this.client.hasNews; i++) await this.sleep(0.01);
    if (this.client.hasNews) await this.take();
  }
}

/** Has a client chat with a framed one, and checks what both hear. */
async function withFriend(
  dialect: Dialect,
  chat: (habit: Habit, texts: readonly string[]) => Promise<void>,
): Promise<void> {
  const clock = new FakeClock();
  await using server = new TestServer({ clock, settings: { rate: 0 } });
  const friend = await server.online(FRIEND);
  using time = new PassingTime(server.address, clock);
  using client = await ClassicClient.connect(server.address, time);
  assertEquals((await client.ask(dialect.presence)).response, 200);
  const habit = new Habit(client, dialect, time);
  const texts = (words: string): string[] =>
    Array.from({ length: COUNT }, (_, i) => `№${i} ${words}`);
  const his = texts('съешь ещё {этих} "мягких" }{ французских булок \\ 👋');
  const ours = texts('да выпей же чаю, }}{"action": "msg"}');
  const saying = sayAll(friend, ours, habit);
  try {
    await chat(habit, his);
    while (!habit.isDone) await habit.take();
  } finally {
    habit.isOver = true;
    await saying;
  }
  assertEquals(habit.heard, ours);
  const frames = await friend.frames(COUNT);
  assertEquals(frames.map(({ from, message }) => [from, message]), his.map((text) => [NAME, text]));
  assertEquals((await client.ask({ action: "exit", time: 1.5 })).response, 200);
  assertEquals(await client.recv(), undefined);
}

/** Says everything, but no more at once than a classic client takes. */
async function sayAll(friend: RawClient, texts: readonly string[], habit: Habit): Promise<void> {
  for (const [i, message] of texts.entries()) {
    await eventually(
      () => habit.isOver || habit.heard.length > i - 20,
      () => `message ${i - 20}`,
    );
    if (habit.isOver) return;
    assertEquals((await friend.ask({ event: "msg", to: NAME, message })).response, 200);
  }
}

Deno.test("classic habit: one thread sends, takes the answer, sleeps, looks", () =>
  withFriend({ ...LONG, presence: OLD.presence }, async (habit, texts) => {
    for (const text of texts) {
      await habit.say(text);
      await habit.take();
      await habit.sleep(1);
      await habit.look();
    }
  }));

Deno.test("classic habit: one thread takes what comes, another one sends as fast as it can", () =>
  withFriend(OLD, async (habit, texts) => {
    for (const text of texts) await habit.say(text);
  }));

Deno.test("classic habit: the specification's words, and select", () =>
  withFriend(SPECIFIED, async (habit, texts) => {
    for (const text of texts) {
      while (habit.client.hasNews) await habit.take();
      await habit.say(text);
      await habit.sleep(0.02);
    }
  }));

Deno.test("classic habit: two requests at once, and then one byte by byte", () =>
  withFriend(OLD, async (habit, texts) => {
    for (let i = 0; i < texts.length; i += 3) {
      await habit.say(...texts.slice(i, i + 2));
      if (i + 2 < texts.length) await habit.saySlowly(texts[i + 2]!);
      while (habit.client.hasNews) await habit.take();
    }
  }));

Deno.test("classic habit: lists first; then whoever has the lock sends and takes, or looks once a second", () =>
  withFriend({ ...LONG, presence: { ...OLD.presence, pubkey: "MIIB" } }, async (habit, texts) => {
    const { client } = habit;
    // A message may stand before the answer.
    const ask = async (request: Frame): Promise<Frame> => {
      await client.send(request);
      for (;;) {
        const frame = (await client.recv())!;
        if (frame.response !== undefined) return frame;
        habit.heard.push(OLD.textOf(frame));
      }
    };
    assertEquals((await ask({ action: "get_contacts", user: NAME })).data_list, []);
    assertEquals((await ask({ action: "get_users", user: NAME })).data_list, [NAME, FRIEND]);
    assertEquals((await ask({ action: "add", user: NAME, account_name: FRIEND })).response, 200);
    assertEquals((await ask({ action: "get_contacts", user: NAME })).data_list, [FRIEND]);
    assertEquals((await ask({ action: "remove", user: NAME, user_id: FRIEND })).response, 200);
    const random = seededRandom(10);
    const rest = [...texts];
    while (rest.length > 0 || !habit.isDone) {
      // The other thread sleeps for a second; in it, up to two messages are sent, somewhere.
      let left = 1;
      for (let count = Math.floor(3 * random()); count > 0 && rest.length > 0; count--) {
        const wait = left * random();
        left -= wait;
        await habit.sleep(wait);
        await habit.say(rest.shift()!);
        await habit.take();
      }
      await habit.sleep(left);
      await habit.look();
    }
  }));

Deno.test("classic habit: a message is taken for the answer, and the answer waits until the next look", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock, settings: { rate: 0 } });
  const friend = await server.online(FRIEND);
  using time = new PassingTime(server.address, clock);
  using client = await ClassicClient.connect(server.address, time);
  assertEquals((await client.ask(OLD.presence)).response, 200);
  const habit = new Habit(client, OLD, time);
  await friend.ask({ event: "msg", to: NAME, message: "first" });
  // The thread that looks sleeps for another 0.6 s; meanwhile the other one sends, and takes what is there.
  await habit.sleep(0.3);
  await habit.say("hello");
  await friend.ask({ event: "msg", to: NAME, message: "second" });
  await habit.take();
  await habit.sleep(0.3);
  await habit.look(); // half a second, too short for the answer
  await habit.sleep(1);
  await habit.look(); // the answer, and nothing else
  assertEquals(habit.heard, ["first"]);
  await habit.sleep(1);
  await habit.look();
  assertEquals(habit.heard, ["first", "second"]);
});
