import { Chat, type ChatOptions } from "../../client/chat/chat.ts";
import { JimClient } from "../../client/library/jim_client.ts";
import type { ClientOptions } from "../../client/library/options.ts";
import { speakerOf } from "../../client/texts/texts.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeUi } from "./fake_ui.ts";
import { KeptServer, NOON } from "./kept_server.ts";

/** The chat of eve, who has an account, on a server that keeps what is said. */
export interface KeptChat {
  readonly chat: Chat;
  readonly ui: FakeUi;
  readonly server: KeptServer;
  readonly clock: FakeClock;
  /** Carries out lines, each after the answers to the one before, and gives what was shown. */
  enter(...lines: string[]): Promise<string[]>;
}

/** Runs a test with eve's chat. */
export async function withKeptChat(
  run: (fixture: KeptChat) => Promise<void>,
  options: Partial<ChatOptions> & { client?: ClientOptions } = {},
): Promise<void> {
  await using server = new KeptServer();
  const clock = new FakeClock(NOON * 1000);
  const { client: clientOptions, ...chatOptions } = options;
  const address = { hostname: "127.0.0.1", port: server.port, name: "eve" };
  await using client = await JimClient.connect({ ...address, ...clientOptions });
  const ui = new FakeUi();
  const speaker = speakerOf("en");
  const chat = new Chat(client, { ui, speaker, clock, multiline: true, ...chatOptions });
  const running = chat.run();
  const enter = async (...lines: string[]): Promise<string[]> => {
    for (const line of lines) {
      await chat.handle(line);
      await chat.settled();
    }
    return ui.shown.splice(0);
  };
  await run({ chat, ui, server, clock, enter });
  await chat.leave();
  await running;
}
