/**
 * A bot of `docs/bots.md` beside somebody who talks to it, on a real server.
 *
 * @module
 */

import { JimClient, namesIn } from "../../client/library/jim_client.ts";
import { BotProcess } from "./bot_process.ts";
import { CuttingProxy } from "./cutting_proxy.ts";
import { withDeadline } from "./raw_client.ts";
import { TestServer } from "./server_fixture.ts";

const PAGE = new URL("../../docs/bots.md", import.meta.url);

/** A bot that is in `#dev`, where eve is, too. */
export interface StartedBot extends AsyncDisposable {
  /** Says something as eve. */
  say(to: string, message: string): Promise<unknown>;
  /** The next message to eve: from whom, to whom, the text. */
  hears(): Promise<unknown[]>;
  /** Breaks the bot's connection. */
  cut(): void;
  /** How many connections the bot has made. */
  connections(): number;
  /** Waits until the bot enters `#dev`, as others see it: not if its session goes on. */
  enters(): Promise<void>;
  /** See {@linkcode BotProcess.interrupted}. */
  interrupted: BotProcess["interrupted"];
}

/**
 * Starts a bot by the very command that the page gives, and waits until it is in `#dev`.
 *
 * @param script Its file in `examples/bots/`.
 * @param places What stands in the page, and what to put there instead; the server's own place is known.
 */
export async function startBot(
  script: string,
  places: Readonly<Record<string, string>> = {},
): Promise<StartedBot> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(new TestServer());
  const proxy = stack.use(new CuttingProxy(server.address));
  const eve = stack.use(await JimClient.connect({ ...server.address, name: "eve" }));
  const [messages, notices] = [eve.messages(), eve.notices()];
  const name = script.replace(/\..*/, "");
  const enters = async (): Promise<void> => {
    for (;;) {
      const { value } = await withDeadline(notices.next(), () => `${name} in #dev`);
      if (namesIn(value?.joined).includes(name)) return;
    }
  };
  await eve.join("#dev");
  const shown = (await Deno.readTextFile(PAGE)).split("\n")
    .find((line) => /^(deno|python3) /.test(line) && line.includes(`examples/bots/${script} `));
  const { hostname, port } = proxy.address;
  const all = { ...places, "chat.example.org": hostname, "7777": `${port}`, "'#dev'": "#dev" };
  const line = Object.entries(all).reduce((text, [from, to]) => text.replaceAll(from, to), shown!);
  const [program, ...args] = line.split(" ");
  const bot = stack.use(
    program === "deno"
      ? new BotProcess(Deno.execPath(), [args[0]!, "--quiet", "--no-prompt", ...args.slice(1)])
      : new BotProcess(program!, args),
  );
  await enters();
  const owned = stack.move();
  return {
    say: (to, message) => eve.send(to, message),
    hears: async () => {
      const { value } = await withDeadline(messages.next(), () => `an answer of ${name}`);
      return [value?.from, value?.to, value?.message];
    },
    cut: () => proxy.cut(),
    connections: () => proxy.visits,
    enters,
    interrupted: () => bot.interrupted(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
