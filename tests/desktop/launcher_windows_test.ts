import { assertEquals } from "@std/assert";
import { TextLineStream } from "@std/streams/text-line-stream";

import { Family, Launch, SERVER, until } from "../support/launch.ts";

/** A desktop without a screen: an X server that nobody sees. */
class Display implements AsyncDisposable {
  readonly #server: Deno.ChildProcess;
  readonly #number: Promise<string>;

  constructor() {
    try {
      this.#server = new Deno.Command("Xvfb", {
        args: ["-displayfd", "1", "-screen", "0", "640x480x8", "-nolisten", "tcp"],
        stdin: "null",
        stdout: "piped",
        stderr: "null",
      }).spawn();
    } catch (cause) {
      throw new Error("Xvfb is missing: apt-get install -y xvfb xterm", { cause });
    }
    this.#number = this.#readNumber();
  }

  /** As in `DISPLAY`. */
  async name(): Promise<string> {
    return `:${await this.#number}`;
  }

  async #readNumber(): Promise<string> {
    const lines = this.#server.stdout.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    for await (const line of lines) return line;
    throw new Error("Xvfb does not start");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.kill("SIGTERM");
    await this.#server.status;
  }
}

/** The process ids of the clients, once all are online, each with a terminal of its own. */
async function clients(family: Family, launch: Launch): Promise<number[]> {
  for (const name of ["eve", "bob"]) await launch.line(new RegExp(`online .*name=${name}`));
  const pids = [...family.members()].filter(([, command]) => /client\.ts .*--name/.test(command))
    .map(([pid]) => pid);
  const terminals = new Set(pids.map((pid) => Deno.readLinkSync(`/proc/${pid}/fd/0`)));
  assertEquals([...terminals].filter((path) => path.startsWith("/dev/pts/")).length, 2);
  return pids;
}

Deno.test("--mode windows opens a terminal for each client and closes them with the chat", async () => {
  await using display = new Display();
  const env = { DISPLAY: await display.name(), WAYLAND_DISPLAY: "" };
  const ends: Record<string, [number, (family: Family) => void]> = {
    "Ctrl-C": [0, (family) => Deno.kill(family.pid(/launcher\.ts/), "SIGINT")],
    "kill -9": [137, (family) => Deno.kill(family.pid(/launcher\.ts/), "SIGKILL")],
    "closed windows": [0, (family) => {
      for (const [pid, command] of family.members()) {
        if (/^\S*xterm /.test(command)) Deno.kill(pid, "SIGTERM");
      }
    }],
  };
  for (const [way, [status, end]] of Object.entries(ends)) {
    using family = new Family();
    const args = ["--mode", "windows", "--names", "eve,bob", "-p", "0", ...SERVER];
    const launch = new Launch(family, args, env);
    const pids = await clients(family, launch);
    assertEquals(pids.length, 2);
    end(family);
    assertEquals(await launch.ended, status, way);
    await family.gone();
  }
});

Deno.test("a display that does not answer is said in the terminal program's words", async () => {
  using family = new Family();
  const args = ["--mode", "windows", "-p", "0", ...SERVER];
  const launch = new Launch(family, args, { DISPLAY: ":4711", WAYLAND_DISPLAY: "" });
  assertEquals(await launch.ended, 1);
  const last = await until("the last line", () => Promise.resolve(launch.lines.at(-1)));
  assertEquals(last.startsWith("Cannot open a window with x-terminal-emulator: "), true, last);
  await family.gone();
});
