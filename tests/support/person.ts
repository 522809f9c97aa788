import { Chat } from "../../client/chat/chat.ts";
import { JimClient } from "../../client/library/jim_client.ts";
import { type Language, speakerOf } from "../../client/texts/texts.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeUi } from "./fake_ui.ts";
import { PASSWORD, type TestServer } from "./server_fixture.ts";

/** How a {@linkcode Person} comes online. */
export interface PersonOptions {
  /** @default {"en"} */
  language?: Language;
  /** Without an account. @default {false} */
  isGuest?: boolean;
  /** The server's: who comes and goes is told to all before anything else happens. */
  clock?: FakeClock;
}

/** What has others told that somebody came or went, after a second at the latest. */
const MOVES = /^\/?(join|leave) /;

/** Somebody at their console, on a real server. */
export class Person implements AsyncDisposable {
  readonly ui = new FakeUi();
  readonly #chat: Chat;
  readonly #running: Promise<Error | undefined>;
  readonly #clock: FakeClock | undefined;
  /** The chat's own: who comes and goes is gathered for three seconds of it. */
  readonly #ownClock = new FakeClock(Date.now());

  private constructor(client: JimClient, language: Language, clock?: FakeClock) {
    this.#clock = clock;
    this.#chat = new Chat(client, {
      ...{ ui: this.ui, speaker: speakerOf(language), clock: this.#ownClock },
    });
    this.#running = this.#chat.run();
  }

  /** Comes online under a new name. */
  static async start(
    { address }: TestServer,
    name: string,
    { language = "en", isGuest = false, clock }: PersonOptions = {},
  ): Promise<Person> {
    const client = await JimClient.connect(address);
    await client.login(name, isGuest ? {} : { password: PASSWORD, register: true });
    return new Person(client, language, clock);
  }

  /** What stands before the input. */
  get prompt(): string {
    return this.#chat.prompt;
  }

  /** Types lines, and gives what has come to the screen when all is answered. */
  async type(...lines: string[]): Promise<string[]> {
    for (const line of lines) {
      await this.#chat.handle(line);
      await this.#chat.settled();
      if (MOVES.test(line)) this.#clock?.advance(1_000);
    }
    return await this.sees();
  }

  /** What has come to the screen since the last look. */
  async sees(): Promise<string[]> {
    // All that the server has said stands before this answer, and the chat has taken it one turn later.
    await this.#chat.client.probe();
    await new Promise((resolve) => setImmediate(resolve));
    this.#ownClock.advance(3_000);
    return this.ui.shown.splice(0);
  }

  /** Says goodbye. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chat.leave();
    await this.#running;
  }
}
