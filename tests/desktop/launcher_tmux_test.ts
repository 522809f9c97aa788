import { assert, assertEquals, assertStringIncludes } from "@std/assert";

import { Launch, SERVER, until } from "../support/launch.ts";
import { tmux, TmuxFamily, TmuxTerminal } from "./tmux.ts";

const FLAGS = ["-p", "0", ...SERVER].join(" ");
const LAUNCHER = /launcher\.ts .*-p 0/;

/** A line of the list of panes: its id, and the name in a title like `(1!) user2 - user1`. */
const PANE = /^(%\d+) (?:\(\d+\+?!?\) )?(\S+)/;

/** Panes of the chat: who is in it → what it shows. */
async function panes(family: TmuxFamily): Promise<Map<string, string>> {
  const list = await tmux(
    ["list-panes", "-s", "-t", "=jim", "-F", "#{pane_id} #{pane_title}"],
    family,
  );
  const shown = new Map<string, string>();
  for (const line of list.trim().split("\n")) {
    const [, id, name] = PANE.exec(line) as unknown as [string, string, string];
    shown.set(name, await tmux(["capture-pane", "-p", "-t", id], family));
  }
  return shown;
}

/** Resolves when somebody's pane shows that. */
async function paneShows(family: TmuxFamily, name: string, pattern: RegExp): Promise<void> {
  await until(`pane ${name} shows ${pattern}`, async () => {
    return pattern.test((await panes(family)).get(name) ?? "") ? true : undefined;
  }).catch(async (error: Error) => {
    const all = [...await panes(family)].map(([who, shown]) => `— ${who} —\n${shown}`);
    throw new Error(`${error.message}; they show:\n${all.join("\n")}`);
  });
}

/** A chat of user1 and user2 that is on the screen. */
async function started(family: TmuxFamily, args = ""): Promise<TmuxTerminal> {
  const terminal = await TmuxTerminal.open(family);
  await terminal.launch(`${args} ${FLAGS}`);
  await terminal.shows(/─ user2 ─/);
  return terminal;
}

Deno.test("in a terminal the chat is a tmux session: a pane each, titles, user1 is typed into", async () => {
  using family = new TmuxFamily();
  const terminal = await started(family, "3");
  const layout = ["-t", "=jim:", "-F", "#{pane_title} #{pane_active} #{mouse}"];
  assertEquals((await tmux(["list-panes", ...layout], family)).trim().split("\n"), [
    "server 0 1",
    "user1 1 1",
    "user2 0 1",
    "user3 0 1",
  ]);
  await paneShows(family, "server", /listening on/);
  // Who has a prompt is online, so that what is sent to them arrives.
  for (const name of ["user1", "user2", "user3"]) {
    await paneShows(family, name, new RegExp(`^${name}>`, "m"));
  }
  await terminal.type("message user2 hi from the first pane");
  await paneShows(family, "user2", /user1.*hi from the first pane/);

  // Ctrl-C in the server's pane ends it all.
  await tmux(["send-keys", "-t", "=jim:.{top-left}", "C-c"], family);
  await terminal.shows(/status=0/);
  await terminal.close();
  await family.gone();
});

Deno.test("nothing stays behind, whatever ends the chat", async () => {
  const ways: Record<string, (terminal: TmuxTerminal, family: TmuxFamily) => Promise<void>> = {
    "kill-session": async (terminal, family) => {
      await tmux(["kill-session", "-t", "jim"], family);
      await terminal.shows(/status=0/);
    },
    "SIGTERM": async (terminal, family) => {
      Deno.kill(family.pid(LAUNCHER), "SIGTERM");
      await terminal.shows(/status=0/);
    },
    "kill -9": (_, family) => {
      Deno.kill(family.pid(LAUNCHER), "SIGKILL");
      return Promise.resolve();
    },
    "a closed terminal": () => Promise.resolve(),
    "a killed server": async (terminal, family) => {
      Deno.kill(family.pid(/server\.ts/), "SIGKILL");
      const screen = await terminal.shows(/status=1/);
      assertStringIncludes(screen, "listening on"); // its last words
      assertStringIncludes(screen, "The server ended with status 137");
    },
  };
  for (const [way, end] of Object.entries(ways)) {
    using family = new TmuxFamily();
    const terminal = await started(family);
    try {
      await end(terminal, family);
      if (way === "kill -9") await tmuxIsGone(family);
      await terminal.close();
      await family.gone();
    } catch (error) {
      throw new Error(`After ${way}`, { cause: error });
    }
  }
});

/** Resolves when the chat's tmux server has ended. */
async function tmuxIsGone(family: TmuxFamily): Promise<void> {
  await until("tmux is gone", async () => {
    return await tmux(["list-sessions"], family).then(() => undefined, () => true);
  });
}

Deno.test("--detach returns, a second chat is refused, 'launch stop' ends the first one", async () => {
  using family = new TmuxFamily();
  const first = new Launch(family, ["2", "--detach", ...FLAGS.split(" ")]);
  assertEquals(await first.ended, 0);
  assert(first.lines.at(-1)!.startsWith("'tmux attach -t jim' shows the chat"));
  assertEquals([...(await panes(family)).keys()], ["server", "user1", "user2"]);

  const second = new Launch(family, ["2", "--detach", ...FLAGS.split(" ")]);
  assertEquals(await second.ended, 1);
  assertEquals(second.lines, [
    "Cannot start: there is a tmux session 'jim' already; 'tmux attach -t jim' shows it, " +
    "'deno task launch stop' ends it if it is a chat",
  ]);
  assertEquals((await panes(family)).size, 3);

  await tmux(["copy-mode", "-t", "=jim:.{top-left}"], family); // somebody has scrolled back in the log
  assertEquals(await new Launch(family, ["stop"]).ended, 0);
  await family.gone();
  const nothing = new Launch(family, ["stop"]);
  assertEquals(await nothing.ended, 1);
  assertEquals(nothing.lines, ["There is no chat in tmux to stop"]);
});

Deno.test("clients speak the language of the launching shell, whatever that of the tmux around is", async () => {
  using family = new TmuxFamily();
  const other = ["-f", "/dev/null", "new-session", "-d", "-s", "other", "-e", "LC_ALL=C"];
  await tmux([...other, "sleep", "600"], family);
  const russian = { LANG: "ru_RU.UTF-8", LC_ALL: "ru_RU.UTF-8" };
  const launch = new Launch(family, ["1", "--detach", ...FLAGS.split(" ")], russian);
  assertEquals(await launch.ended, 0);
  await paneShows(family, "user1", /Вы в сети как user1/);
  assertEquals(await new Launch(family, ["stop"]).ended, 0);
  await tmux(["kill-server"], family);
  await family.gone();
});

Deno.test("a session of that name that is no chat is left alone", async () => {
  using family = new TmuxFamily();
  await tmux(["-f", "/dev/null", "new-session", "-d", "-s", "jim", "sleep", "600"], family);
  assertEquals(await new Launch(family, ["2", "--detach", ...FLAGS.split(" ")]).ended, 1);
  assertEquals(await new Launch(family, ["stop"]).ended, 1);
  await tmux(["kill-session", "-t", "jim"], family);
  await family.gone();
});

Deno.test("who detaches leaves the chat running", async () => {
  using family = new TmuxFamily();
  const terminal = await started(family);
  await terminal.keys("C-b");
  await terminal.keys("d");
  await terminal.shows(/status=0/);
  assertEquals((await panes(family)).size, 3);
  assertEquals(await new Launch(family, ["stop"]).ended, 0);
  await terminal.close();
  await family.gone();
});

Deno.test("inside tmux the chat is a new window of that session", async () => {
  using family = new TmuxFamily();
  const terminal = await TmuxTerminal.open(family, true);
  await terminal.launch(`2 ${FLAGS}`);
  const windows = async (): Promise<string> =>
    (await terminal.ask("list-windows", "-a", "-F", "#{session_name} #{window_panes}")).trim();
  await until("the chat has its panes", async () => {
    return await windows() === "outer 1\nouter 3" ? true : undefined;
  });
  await terminal.shows(/user1|online/i); // the first client has the focus
  await terminal.ask("select-window", "-t", "outer:0");
  await terminal.shows(/Ctrl-C here ends it/);
  await terminal.keys("C-c");
  await terminal.shows(/status=0/);
  assertEquals(await windows(), "outer 1");
  await terminal.close();
  await family.gone();
});

Deno.test("a server that does not listen is said in its own words", async () => {
  using taken = Deno.listen({ hostname: "::", port: 0 });
  using family = new TmuxFamily();
  const terminal = await TmuxTerminal.open(family);
  await terminal.launch(`2 -p ${taken.addr.port} ${SERVER.join(" ")}`);
  const screen = await terminal.shows(/status=1/);
  assertStringIncludes(
    screen.replaceAll("\n", ""),
    `Cannot listen on [::]:${taken.addr.port}: the port is in use`,
  );
  await terminal.close();
  await family.gone();
});

Deno.test("more clients than a window has room for get more windows", async () => {
  using family = new TmuxFamily();
  const terminal = await TmuxTerminal.open(family);
  await terminal.ask("resize-window", "-t", "outer", "-x", "30", "-y", "5");
  await terminal.launch(`5 ${FLAGS}`);
  await until("all panes are there", async () => {
    const shown = await panes(family).catch(() => new Map<string, string>());
    return shown.has("user5") ? true : undefined;
  });
  const windows = await tmux(["list-windows", "-t", "=jim", "-F", "#{window_id}"], family);
  assert(windows.trim().split("\n").length > 1, windows);
  await terminal.shows(/jim/); // attached
  await tmux(["kill-session", "-t", "jim"], family);
  await terminal.shows(/status=0/);
  await terminal.close();
  await family.gone();
});
