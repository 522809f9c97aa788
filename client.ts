/**
 * The console client: flags → {@linkcode JimClient} and a terminal or a pipe; signals; exit status.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";

import { exitStatus } from "./common/exit_status.ts";
import { helpText } from "./common/flags.ts";
import { JimClient } from "./client/chat_client.ts";
import { lastWords } from "./client/failures.ts";
import { type ConsoleOptions, runConsole } from "./client/console.ts";
import { CLIENT_COMMAND, parseClient } from "./client/flags.ts";
import { mayRemember } from "./client/history.ts";
import { writeText } from "./client/output.ts";
import { listen, PipeUi, runPipe, sendOne } from "./client/pipe.ts";
import { TerminalUi } from "./client/terminal_ui.ts";
import { chooseLanguage, speakerOf } from "./client/texts.ts";
import { readGranted } from "./client/granted.ts";

const out = (text: string): void => writeText(Deno.stdout, text);
const err = (text: string): void => writeText(Deno.stderr, text);

async function main(args: string[]): Promise<number> {
  const { task, addr, port, lang, flags } = parseClient(args);
  if (task.kind === "help") {
    out(helpText(CLIENT_COMMAND) + "\n");
    return 0;
  }
  const speaker = speakerOf(chooseLanguage(lang, navigator.language));
  const { name, tls } = flags;
  const address = `${addr.includes(":") ? `[${addr}]` : addr}:${port}`;
  const passwords = await readGranted("--password-file", flags["password-file"]);
  const password = passwords?.split(/\r?\n/)[0];
  const ca = await readGranted("--ca", flags.ca);
  const isTerminal = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
  const staysOnline = task.kind === "listen" || (task.kind === "chat" && isTerminal);

  try {
    const client = await JimClient.connect({
      hostname: addr,
      port,
      tls,
      ...(ca === undefined ? {} : { caCerts: [ca] }),
      reconnect: staysOnline && !flags["no-reconnect"],
    });
    const pipe = (): PipeUi => new PipeUi({ input: readLines(), out, err }, flags.marks);
    switch (task.kind) {
      case "chat":
        if (isTerminal) {
          const { bell, "history-dir": historyDir } = flags;
          const colour = !flags["no-color"] && !Deno.noColor;
          const options = { name, password, address, speaker, bell, historyDir };
          await chatOnTerminal(client, options, colour);
        } else {
          await runPipe(client, pipe(), { name, password, address, speaker });
        }
        break;
      case "send": {
        await client.login(task.name, { password });
        await sendOne(client, { ...task, text: await textOf(task.text) }, speaker);
        break;
      }
      case "listen":
        await client.login(task.name, { password });
        Deno.addSignalListener("SIGINT", () => client.quit());
        Deno.addSignalListener("SIGTERM", () => client.quit());
        await listen(client, pipe(), { asJson: task.asJson, out, speaker });
        break;
    }
    return 0;
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return 1;
    throw lastWords(error, address, speaker);
  }
}

/** Takes the terminal over for a chat, and gives it back whatever happens. */
async function chatOnTerminal(
  client: JimClient,
  options: ConsoleOptions,
  colour: boolean,
): Promise<void> {
  Deno.stdin.setRaw(true);
  const { speaker } = options;
  const ui = new TerminalUi({ write: out, size: Deno.consoleSize }, {
    speaker,
    colour,
    mayRemember,
  });
  const stop = (): void => {
    ui.stop();
    Deno.stdin.setRaw(false);
  };
  Deno.addSignalListener("SIGWINCH", () => ui.resized());
  Deno.addSignalListener("SIGTERM", () => {
    stop();
    Deno.exit(143);
  });
  readKeys(ui);
  try {
    await runConsole(client, ui, options);
  } finally {
    stop();
  }
}

async function readKeys(ui: TerminalUi): Promise<void> {
  const buffer = new Uint8Array(65_536);
  try {
    for (;;) {
      const count = await Deno.stdin.read(buffer);
      if (count === null) break;
      ui.feed(buffer.subarray(0, count));
    }
  } catch {
    // The terminal has gone.
  }
  ui.end();
}

/** The lines of standard input, read only when the first one is wanted. */
async function* readLines(): AsyncGenerator<string> {
  yield* Deno.stdin.readable
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
}

/** The text of `--message`: `-` is all of standard input, without the line end at its end. */
async function textOf(text: string): Promise<string> {
  if (text !== "-") return text;
  return (await new Response(Deno.stdin.readable).text()).replace(/\r?\n$/, "");
}

if (import.meta.main) {
  Deno.exit(await exitStatus(() => main(Deno.args), (line) => err(line + "\n")));
}
