/**
 * `deno task bench:startup`: how long the tasks take from the command to where they can be used, and what CPU time.
 *
 * @module
 */

import { StartError } from "../../common/errors.ts";
import { exitStatus } from "../../common/exit_status.ts";
import { type CommandSpec, parseCommand } from "../../common/flags.ts";
import { printLine } from "../../common/output.ts";
import { alignTable } from "../../common/table.ts";
import { ROOT } from "../servers.ts";
import { median } from "../statistics.ts";
import { treeCpuSeconds } from "../process_tree.ts";

const FLAGS = {
  rounds: {
    kind: "integer",
    value: "N",
    min: 1,
    max: 1_000,
    default: 9,
    help: "start each so often, in turn",
  },
} as const;

const COMMAND: CommandSpec<typeof FLAGS> = {
  name: "deno task bench:startup",
  usage: "[FLAGS]",
  about:
    "Measures how long the server and the client take to start; WeeChat beside, if there is one.",
  flags: FLAGS,
  maxPositional: 0,
};

/** After that long something is wrong. */
const PATIENCE_MS = 60_000;
const DENO = Deno.execPath();
const SERVER = [
  DENO,
  "task",
  "--quiet",
  "server",
  "--port",
  "0",
  "--db",
  ":memory:",
  "--no-log-file",
];

/** Something to start. */
interface Start {
  readonly title: string;
  readonly command: readonly string[];
  /** What it prints when it can be used. */
  readonly ready: RegExp;
  /** Whether it needs a terminal. */
  readonly onTerminal?: boolean;
  /** Where Deno keeps what it has compiled, made anew for each start. */
  readonly isCold?: boolean;
}

/** One start. */
interface Sample {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

async function main(args: string[]): Promise<void> {
  const { flags: { rounds }, info } = parseCommand(COMMAND, args);
  if (info !== undefined) return printLine(info);
  const directory = await Deno.makeTempDir({ prefix: "startup-" });
  try {
    await measure(directory, rounds);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function measure(directory: string, rounds: number): Promise<void> {
  await using server = await run({ title: "a server", command: SERVER, ready: LISTENING });
  const starts = [...ours(server.port), ...others(directory)];
  const samples = new Map(starts.map((start) => [start, [] as Sample[]]));
  for (const start of starts.filter(({ isCold }) => !isCold)) await once(start, directory);
  for (let round = 1; round <= rounds; round++) {
    printLine(`round ${round} of ${rounds}`, Deno.stderr);
    for (const start of starts) samples.get(start)!.push(await once(start, directory));
  }
  const milliseconds = (of: readonly Sample[], figure: (sample: Sample) => number): string[] => {
    const values = of.map(figure);
    return [median(values), Math.min(...values)].map((value) => (value * 1_000).toFixed(0));
  };
  const bare = samples.get(starts[0]!)!;
  const rows = starts.map((start) => {
    const all = samples.get(start)!;
    const ratio = median(all.map(({ cpuSeconds }, round) => cpuSeconds / bare[round]!.cpuSeconds));
    return [
      start.title,
      ...milliseconds(all, ({ seconds }) => seconds),
      ...milliseconds(all, ({ cpuSeconds }) => cpuSeconds),
      ratio.toFixed(1),
    ];
  });
  const columns = ["start", "ms", "least", "CPU ms", "least", "CPU / bare Deno"];
  for (const line of alignTable([columns, ...rows], [1, 2, 3, 4, 5])) printLine(line);
}

/** The least that a program in Deno takes; it stays until it is ended. */
const BARE = "console.log('ready'); setTimeout(() => {}, 60_000)";
const LISTENING = /listening on .*:(\d+)/;

function ours(port: number): Start[] {
  const client = ["task", "--quiet", "client", "--port", `${port}`, "--name", "bob"];
  const tasks: Start[] = [
    { title: "deno task server, to listening", command: SERVER, ready: LISTENING },
    {
      title: "deno task client, to the prompt",
      command: [DENO, ...client],
      ready: /bob> /,
      onTerminal: true,
    },
  ];
  return [
    { title: "bare Deno, to its first line", command: [DENO, "eval", BARE], ready: /ready/ },
    ...tasks,
    ...tasks.map((task) => ({ ...task, title: `${task.title}, nothing compiled`, isCold: true })),
  ];
}

/** WeeChat in a directory of its own, to its first screen. */
function others(directory: string): Start[] {
  const isInstalled = ["/usr/bin", "/usr/local/bin"].some((path) => exists(`${path}/weechat`));
  return isInstalled
    ? [{
      title: "weechat, to its first screen",
      command: ["weechat", "--dir", `${directory}/weechat`],
      ready: /WeeChat/,
      onTerminal: true,
    }]
    : [];
}

/** Starts it, and ends it again. */
async function once(start: Start, directory: string): Promise<Sample> {
  const cache = `${directory}/cache`;
  if (start.isCold) await makeColdCache(cache);
  await using running = await run(start, start.isCold ? { DENO_DIR: cache } : {});
  return running;
}

/** Deno's directory with what was downloaded, and nothing of what was compiled. */
async function makeColdCache(path: string): Promise<void> {
  const { stdout } = await new Deno.Command(DENO, { args: ["info", "--json"], cwd: ROOT }).output();
  const { npmCache } = JSON.parse(new TextDecoder().decode(stdout));
  if (exists(path)) await Deno.remove(path, { recursive: true });
  await Deno.mkdir(path);
  await Deno.symlink(npmCache, `${path}/npm`);
}

interface Running extends Sample, AsyncDisposable {
  /** The port that it prints, if it does. */
  readonly port: number;
}

async function run(
  { title, command, ready, onTerminal }: Start,
  env: Record<string, string> = {},
): Promise<Running> {
  const [program, ...args] = onTerminal ? inTerminal(command) : command;
  const started = performance.now();
  const child = new Deno.Command(program!, {
    args,
    cwd: ROOT,
    env: { TERM: "xterm", NO_COLOR: "1", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  await using stack = new AsyncDisposableStack();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  stack.defer(async () => {
    clearTimeout(timer);
    end(child);
    await child.stdin.close().catch(() => {});
    while (!(await output.read()).done);
    await child.status;
  });
  let text = "";
  while (!ready.test(text)) {
    const { value, done } = await output.read();
    if (done) throw new StartError(`Cannot start ${title}: it printed ${JSON.stringify(text)}`);
    text += value;
  }
  clearTimeout(timer); // the server that clients are started with stays for as long as all rounds take
  const seconds = (performance.now() - started) / 1_000;
  const cpuSeconds = await treeCpuSeconds(child.pid);
  const port = Number(ready.exec(text)?.[1]);
  const rest = stack.move();
  return { seconds, cpuSeconds, port, [Symbol.asyncDispose]: () => rest.disposeAsync() };
}

function end(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
  } catch {
    // It has ended by itself.
  }
}

/** `script` gives it a terminal. */
function inTerminal(command: readonly string[]): string[] {
  const quoted = command.map((word) => `'${word}'`).join(" ");
  return [
    "script",
    "--quiet",
    "--flush",
    "--return",
    "--command",
    `stty rows 24 columns 80; exec ${quoted}`,
    "/dev/null",
  ];
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

if (import.meta.main) {
  Deno.exit(await exitStatus(() => main(Deno.args)));
}
