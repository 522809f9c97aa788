/**
 * One server and N clients at once: command line → a mode; exit status.
 *
 * @module
 */

import { chooseLanguage } from "./client/texts/texts.ts";
import { environment } from "./common/environment.ts";
import { messageOf, StartError } from "./common/errors.ts";
import { exitStatus } from "./common/exit_status.ts";
import { followTask } from "./common/follow_task.ts";
import { Interrupts } from "./common/interrupts.ts";
import { runInline } from "./launcher/inline_mode.ts";
import { type LaunchConsole, processConsole } from "./launcher/launch_console.ts";
import { type LaunchSettings, parseLaunch } from "./launcher/flags.ts";
import { DEFAULT_LOG_SETTINGS } from "./logs/handlers/settings.ts";
import { setupLogging } from "./logs/handlers/setup.ts";
import { runtime } from "./launcher/runtime.ts";
import { runScript } from "./launcher/script/script_mode.ts";
import { terminalsOf } from "./launcher/terminals.ts";
import { runTmux, whyNoTmux } from "./launcher/tmux/tmux.ts";
import { runTmuxMode } from "./launcher/tmux/tmux_mode.ts";
import { stopInTmux } from "./launcher/tmux/tmux_stop.ts";
import { runWindowsMode } from "./launcher/windows_mode.ts";
import { printLine } from "./common/output.ts";

async function main(args: string[]): Promise<number> {
  const task = parseLaunch(args);
  if (task.kind === "info") printLine(task.text);
  if (task.kind === "stop") await stopInTmux();
  if (task.kind !== "launch") return 0;
  const { settings } = task;
  // The terminal belongs to the chat: the launcher logs to its file only, if it may write one.
  await using logging = await setupLogging("launcher", { ...DEFAULT_LOG_SETTINGS, console: "OFF" });
  logging.logger.info("launching", { mode: settings.mode, server: settings.server.kind });
  const interrupts = new Interrupts().listen();
  await followTask(interrupts);
  await using console = processConsole(interrupts);
  try {
    const status = await launch(settings, console, interrupts);
    logging.logger.info("ended", { status });
    return status;
  } catch (error) {
    logging.logger.error("failed", { reason: messageOf(error) });
    throw error;
  }
}

async function launch(
  settings: LaunchSettings,
  console: LaunchConsole,
  interrupts: Interrupts,
): Promise<number> {
  const { script, names, detach } = settings;
  // Panes and windows get the environment of who makes them, which may be in another language.
  const lang = settings.lang ?? chooseLanguage(undefined, navigator.language);
  const plan = { ...settings, lang, runtime: await runtime(), names: names ?? [] };
  if (script !== undefined) {
    return await runScript({ ...plan, names }, script, console, interrupts);
  }
  const mode = await settledMode(settings, console);
  if (mode === "inline") return await runInline(plan, console, interrupts);
  if (mode === "windows") {
    const display = await environment("DISPLAY") ?? await environment("WAYLAND_DISPLAY");
    const terminals = terminalsOf(Deno.build.os, display !== undefined);
    return await runWindowsMode(plan, terminals, console, interrupts);
  }
  const isInside = await environment("TMUX") !== undefined;
  const size = Deno.stdout.isTerminal() ? Deno.consoleSize() : { columns: 160, rows: 48 };
  const place = { isWindow: isInside && !detach, size };
  return await runTmuxMode(plan, place, detach, console, interrupts);
}

/** Settles `auto`: tmux if it is installed and somebody sees it, else inline. */
async function settledMode(
  { mode, detach }: LaunchSettings,
  { isTerminal }: LaunchConsole,
): Promise<"tmux" | "windows" | "inline"> {
  if (mode !== "tmux" && !detach) {
    if (mode !== "auto") return mode;
    return isTerminal && await whyNoTmux(runTmux) === undefined ? "tmux" : "inline";
  }
  const reason = await whyNoTmux(runTmux);
  if (reason !== undefined) {
    throw new StartError(`Cannot start in tmux: ${reason}; use --mode inline`);
  }
  if (isTerminal || detach) return "tmux";
  throw new StartError("Cannot start in tmux: this is no terminal; use --detach or --mode inline");
}

if (import.meta.main) {
  Deno.exit(await exitStatus(() => main(Deno.args)));
}
