import { UsageError } from "../../common/errors.ts";
import { printable } from "../../common/printable.ts";
import { ADMIN_COMMANDS, type AdminCommand, type AdminOptions, type Argument } from "./commands.ts";

/** Where a command is looked for. */
export interface CommandSet {
  /** The commands by name. @default {ADMIN_COMMANDS} */
  readonly commands?: ReadonlyMap<string, AdminCommand>;
  /** The program, for the user. @default {"deno task users"} */
  readonly program?: string;
}

/** A command with what it is called with. */
export interface FoundCommand {
  /** Its name, of one or two words. */
  readonly name: string;
  /** The command. */
  readonly command: AdminCommand;
  /** As many as it has; one that was left out is empty. */
  readonly args: readonly string[];
}

/**
 * The command that a command line means.
 *
 * @param words All that is no flag.
 * @param options The flags that were given, besides those that go with each command.
 * @throws {UsageError} If there is none such, an argument is missing or too many, or a flag goes with another command.
 */
export function findCommand(
  words: readonly string[],
  options: AdminOptions,
  { commands = ADMIN_COMMANDS, program = "deno task users" }: CommandSet = {},
): FoundCommand {
  const name = nameIn(words, commands);
  const command = commands.get(name)!;
  const given = words.slice(name.split(" ").length);
  const args = (command.args ?? []).map((argument, n) => {
    const text = given[n] ?? "";
    if (text === "" && !argument.startsWith("[")) throw missing(name, argument, program);
    return text;
  });
  const extra = given[args.length];
  if (extra !== undefined) {
    const what = args.length === 0 ? "no argument" : (command.args ?? []).join(" ");
    throw new UsageError(`${name} takes ${what}, received '${printable(extra)}' too`);
  }
  for (const option of Object.keys(options) as (keyof AdminOptions)[]) {
    if (command.options?.includes(option)) continue;
    const owners = [...commands].filter(([, row]) => row.options?.includes(option));
    throw new UsageError(`--${option} goes with ${owners.map(([owner]) => owner).join(", ")}`);
  }
  return { name, command, args };
}

/** The name of a command, of one word or two. */
function nameIn(
  [first = "", second = ""]: readonly string[],
  commands: ReadonlyMap<string, AdminCommand>,
): string {
  if (commands.has(first)) return first;
  if (commands.has(`${first} ${second}`)) return `${first} ${second}`;
  const names = [...commands.keys()];
  const seconds = names.filter((name) => name.startsWith(`${first} `))
    .map((name) => name.slice(first.length + 1));
  throw seconds.length > 0
    ? new UsageError(
      `${first} must be followed by one of ${seconds.join(", ")}, received '${printable(second)}'`,
    )
    : new UsageError(
      `COMMAND must be one of ${names.join(", ")}, received '${printable(first)}'`,
    );
}

function missing(name: string, argument: Argument, program: string): UsageError {
  // To a shell, what begins with '#' is a comment: it never arrives.
  const hint = argument === "ROOM" ? ", in quotes: '#dev'" : "";
  return new UsageError(`${name} needs a ${argument}${hint}; see ${program} --help`);
}
