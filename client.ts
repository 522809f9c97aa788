/**
 * The console client: flags → {@linkcode JimClient} and a terminal or a pipe; signals; exit status.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";

import { lastWords } from "./client/chat/failures.ts";
import { signIn } from "./client/chat/sign_in.ts";
import { errorLine } from "./client/chat/styled_line.ts";
import { themeOf } from "./client/chat/theme.ts";
import type { Ui } from "./client/chat/ui.ts";
import { checkClient, parseClientCommand } from "./client/flags.ts";
import { readGranted } from "./client/granted.ts";
import { JimClient } from "./client/library/jim_client.ts";
import { addressText } from "./client/library/node_address.ts";
import { openProfile } from "./client/profile/open_profile.ts";
import type { Profile } from "./client/profile/profile.ts";
import { listen, NOBODY_THERE, partsOf, PipeUi, runPipe, sendOne } from "./client/pipe.ts";
import { printHistory, printHits } from "./client/past_pipe.ts";
import { type ConsoleOptions, runConsole } from "./client/terminal/console.ts";
import type { ConsoleUi } from "./client/terminal/console_ui.ts";
import { DumbUi, isDumb, termOf } from "./client/terminal/dumb_ui.ts";
import { ExternalEditor } from "./client/terminal/external_editor.ts";
import type { TerminalSize } from "./client/terminal/layout.ts";
import { isTmux } from "./client/terminal/notification.ts";
import { TerminalUi } from "./client/terminal/terminal_ui.ts";
import { chooseLanguage, followingSpeaker } from "./client/texts/texts.ts";
import { TranscriptFiles } from "./client/transcript/transcript_files.ts";
import { exitStatus } from "./common/exit_status.ts";
import { followTask } from "./common/follow_task.ts";
import { Interrupts } from "./common/interrupts.ts";
import { writeText } from "./common/output.ts";
import { logSettingsOf } from "./logs/handlers/flags.ts";
import { setupLogging } from "./logs/handlers/setup.ts";

const out = (text: string): void => writeText(Deno.stdout, text);
const err = (text: string): void => writeText(Deno.stderr, text);
/** Where the client has what is not for people to look at. */
const STATE_DIR = "data/client";
/** A process that still runs this long after it stopped itself was not stopped. */
const STOP_MS = 200;

async function main(args: string[]): Promise<number> {
  const command = parseClientCommand(args);
  if (command.info !== undefined) {
    out(command.info + "\n");
    return 0;
  }
  const profile = await openProfile(command);
  const { task, addr, port, others, join, flags } = checkClient(command, profile.entries);
  const speaker = followingSpeaker(() => chooseLanguage(profile.value("lang"), navigator.language));
  const address = addressText({ hostname: addr, port });
  const passwords = await readGranted("--password-file", flags["password-file"]);
  const password = passwords?.split(/\r?\n/)[0];
  const ca = await readGranted("--ca", flags.ca);
  const isTerminal = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
  const staysOnline = task.kind === "listen" || (task.kind === "chat" && isTerminal);
  const connect = (): Promise<JimClient> =>
    JimClient.connect({
      hostname: addr,
      port,
      others,
      tls: flags.tls,
      ...(ca === undefined ? {} : { caCerts: [ca] }),
      reconnect: staysOnline && !flags["no-reconnect"],
    });

  await using logging = await setupLogging("client", logSettingsOf(flags));
  const log = logging.logger;
  const columns = (): number | undefined => Deno.stdout.isTerminal() ? size().columns : undefined;
  const pipe = new PipeUi({ input: readLines(), out, err, columns }, flags.marks);
  let ui: Ui = pipe;
  let status = 0;
  const { name, takeover, register, invite } = flags;
  const record = new TranscriptFiles({
    dir: () => profile.value("transcript"),
    warn: (dir, reason) => ui.show(errorLine(speaker.say("recordFailed", { dir, reason }))),
  });
  const kept = { profile, record };
  const shared = {
    name,
    password,
    takeover,
    register,
    invite,
    join,
    address,
    speaker,
    log,
    ...kept,
  };
  try {
    log.info("started", { address, task: task.kind });
    const parts = task.kind === "send" ? partsOf(await textOf(task.text), speaker) : [];
    const client = await connect();
    if (task.kind === "send") {
      await signIn(client, { ...shared, ui: pipe });
      if (!await sendOne(client, task.to, parts, speaker)) {
        err(speaker.say("nobodyThere", { room: task.to }) + "\n");
        status = NOBODY_THERE;
      }
    } else if (task.kind === "history" || task.kind === "search") {
      await signIn(client, { ...shared, ui: pipe });
      const print = task.kind === "history" ? printHistory : printHits;
      const { what, limit, asJson } = task;
      await print(client, what, { limit, asJson, out, speaker });
    } else if (task.kind === "listen") {
      await signIn(client, { ...shared, ui: pipe });
      await whenAskedToEnd(() => client.quit());
      err(speaker.say("welcome", { name: task.name, address: addressText(client.node) }) + "\n");
      await listen(client, pipe, { ...shared, asJson: task.asJson, out });
    } else if (isTerminal) {
      const made = [client];
      const next = async (): Promise<JimClient> => made.pop() ?? await connect();
      const { plain, "history-dir": inputHistoryDir } = flags;
      const suspends = !flags["no-suspend"] && Deno.build.os !== "windows";
      const onUi = (terminal: Ui): void => void (ui = terminal);
      await chatOnTerminal(next, { ...shared, inputHistoryDir, plain, suspends, onUi });
    } else {
      await runPipe(client, pipe, shared);
    }
    await record.flush();
    log.info("ended");
    return status;
  } catch (error) {
    await record.flush();
    if (error instanceof Deno.errors.BrokenPipe) return 1;
    const last = lastWords(error, address, speaker);
    log.error("ended", { reason: last.message });
    throw last;
  }
}

/** How a terminal is used. */
interface TerminalOptions extends ConsoleOptions {
  /** Whether nothing is to move on the screen. */
  plain: boolean;
  /** What says which look to use. */
  profile: Profile;
  /** Whether Ctrl-Z stops the program. */
  suspends: boolean;
  /** Told what the terminal is shown by. */
  onUi: (ui: Ui) => void;
}

/** Ends this program in order at a signal, or when the task that it belongs to is gone. */
async function whenAskedToEnd(
  end: () => void,
  isHeeded?: (signal: Deno.Signal) => boolean,
): Promise<void> {
  const interrupts = new Interrupts().listen(undefined, isHeeded);
  interrupts.first.then(end);
  await followTask(interrupts);
}

/** Takes the terminal over for a chat, and gives it back whatever happens. */
async function chatOnTerminal(
  connect: () => Promise<JimClient>,
  options: TerminalOptions,
): Promise<void> {
  const { speaker, profile, plain, suspends, onUi } = options;
  const write = (text: string): void => {
    try {
      out(text);
    } catch {
      ui.end(); // the terminal has gone
    }
  };
  const terminal = { write, size };
  const hasKeys = !plain && !isDumb();
  const jobControl = new JobControl(() => ui, hasKeys);
  let ui: ConsoleUi;
  if (!hasKeys) {
    ui = new DumbUi(terminal, { speaker, setRaw });
  } else {
    Deno.stdin.setRaw(true);
    const suspend = (): void => jobControl.suspend(() => painted.refuseSuspend());
    const term = termOf();
    const painted = new TerminalUi(terminal, {
      speaker,
      get theme() {
        const hasColours = !profile.value("no-color") && !Deno.noColor;
        return hasColours ? themeOf(profile.value("theme"), term) : undefined;
      },
      suspend: suspends ? suspend : undefined,
      editor: new ExternalEditor({ dir: STATE_DIR, setRaw }),
      isTmux: isTmux(),
    });
    ui = painted;
  }
  onUi(ui);
  const stop = (): void => {
    ui.stop();
    setRaw(false);
  };
  if (Deno.build.os !== "windows") {
    // On Windows the size is read at each repaint instead.
    Deno.addSignalListener("SIGWINCH", () => ui.resized());
    Deno.addSignalListener("SIGCONT", () => jobControl.resume());
  }
  const isHeeded = (signal: Deno.Signal): boolean => signal !== "SIGINT" || ui.interrupt();
  await whenAskedToEnd(() => ui.end(), isHeeded);
  const fault = Promise.withResolvers<never>();
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    fault.reject(event.error);
  });
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    fault.reject(event.reason);
  });
  readKeys(ui);
  try {
    await Promise.race([runConsole(connect, ui, options), fault.promise]);
  } finally {
    stop();
  }
}

/** Stopping, and going on in a terminal that others have used meanwhile. */
class JobControl {
  readonly #ui: () => ConsoleUi;
  readonly #isRaw: boolean;
  #isStopped = false;

  constructor(ui: () => ConsoleUi, isRaw: boolean) {
    this.#ui = ui;
    this.#isRaw = isRaw;
  }

  /**
   * Stops this process: a process may signal itself without a permission, but not its group.
   *
   * @param onRefused Called if the system does not stop it, since no shell waits that could let it go on.
   */
  suspend(onRefused: () => void): void {
    this.#isStopped = true;
    Deno.stdin.setRaw(false);
    const stoppedAt = performance.now();
    Deno.kill(Deno.pid, "SIGTSTP");
    setTimeout(() => {
      if (!this.#isStopped) return;
      this.resume();
      if (performance.now() - stoppedAt < 2 * STOP_MS) onRefused();
    }, STOP_MS);
  }

  /** Takes the terminal over again: the shell, or a SIGSTOP, has left it in any state. */
  resume(): void {
    this.#isStopped = false;
    if (this.#ui().away !== undefined) return; // an editor was stopped with this program, and goes on with it
    setRaw(false);
    if (this.#isRaw) setRaw(true);
    this.#ui().resume();
  }
}

/** The terminal's size; that of the oldest one if it does not know its own. */
function size(): TerminalSize {
  try {
    const { columns, rows } = Deno.consoleSize();
    return { columns: columns || 80, rows: rows || 24 };
  } catch {
    return { columns: 80, rows: 24 };
  }
}

/** Has the terminal send each key as it is, or whole lines. */
function setRaw(isRaw: boolean): void {
  try {
    Deno.stdin.setRaw(isRaw);
  } catch {
    // The terminal has gone, or is another's.
  }
}

async function readKeys(ui: ConsoleUi): Promise<void> {
  const buffer = new Uint8Array(65_536);
  try {
    for (;;) {
      const count = await Deno.stdin.read(buffer);
      if (count === null) break;
      await ui.feed(buffer.subarray(0, count));
    }
  } catch {
    // The terminal has gone.
  }
  ui.end();
}

/** The lines of standard input; nothing is read before the first one is asked for. */
async function* readLines(): AsyncGenerator<string> {
  yield* Deno.stdin.readable
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
}

/** The text of `--message`: `-` is all of standard input, without its last line end. */
async function textOf(text: string): Promise<string> {
  if (text !== "-") return text;
  return (await new Response(Deno.stdin.readable).text()).replace(/\r?\n$/, "");
}

if (import.meta.main) {
  Deno.exit(await exitStatus(() => main(Deno.args)));
}
