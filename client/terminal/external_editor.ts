/**
 * A person's own editor, on what they are writing.
 *
 * @module
 */

import { makePrivateDirectory, openPrivateFile } from "../../common/private_files.ts";
import { printable } from "../../common/printable.ts";
import type { Speaker } from "../texts/texts.ts";

/** What came of it: the text as it was left, or why there is none. */
export type EditOutcome =
  | { readonly text: string }
  | {
    /** The editor. */
    readonly command: string;
    /** It is not there, it does not start, it ended with an error, or it left too much. */
    readonly failure: "notFound" | "failed" | "status" | "tooLong";
    /** What there is to say about that. */
    readonly detail: string;
  };

/** What an {@linkcode ExternalEditor} is made of. */
export interface ExternalEditorOptions {
  /** The folder in which it has its files; made if it is missing. */
  dir: string;
  /** Has the terminal send each key as it is, or whole lines. */
  setRaw: (isRaw: boolean) => void;
  /**
   * Reads a variable.
   *
   * @default Those of the environment that it may read.
   */
  env?: (variable: string) => string | undefined;
}

/** As other programs do it. */
const VARIABLES = ["VISUAL", "EDITOR"] as const;
const FALLBACK = Deno.build.os === "windows" ? "notepad" : "vi";
/** Bytes: a longer file is not what somebody wrote. */
const MAX_BYTES = 262_144;

/**
 * Opens the editor that `VISUAL` or `EDITOR` names, else `vi`. It does so only where that is permitted already, and never
 * raises a prompt.
 */
export class ExternalEditor {
  readonly #dir: string;
  readonly #setRaw: (isRaw: boolean) => void;
  readonly #env: (variable: string) => string | undefined;

  /** Looks at nothing yet. */
  constructor({ dir, setRaw, env = readableVariable }: ExternalEditorOptions) {
    this.#dir = dir;
    this.#setRaw = setRaw;
    this.#env = env;
  }

  /** The flags of Deno that it takes to open the editor; nothing if it may be opened. Safe to print. */
  get missing(): string | undefined {
    const [command] = this.#command;
    const needed: [Deno.PermissionDescriptor, string][] = [
      [{ name: "run", command }, `--allow-run=${command}`],
      [{ name: "read", path: this.#dir }, `--allow-read=${this.#dir}`],
      [{ name: "write", path: this.#dir }, `--allow-write=${this.#dir}`],
    ];
    const missing = needed.filter(([descriptor]) => !isGranted(descriptor)).map(([, flag]) => flag);
    if (missing.length === 0) return undefined;
    // Without these there is only the fallback; one may have started the client for that.
    const isEnvMissing = !VARIABLES.every((variable) => isGranted({ name: "env", variable }));
    if (isEnvMissing) missing.push(`--allow-env=${VARIABLES.join()}`);
    return printable(missing.join(" "));
  }

  /** The editor and its arguments; there is no shell, so quotes mean nothing. */
  get #command(): [string, ...string[]] {
    for (const variable of VARIABLES) {
      const [program, ...args] = this.#env(variable)?.match(/\S+/g) ?? [];
      if (program !== undefined) return [program, ...args];
    }
    return [FALLBACK];
  }

  /**
   * Has a text edited; the terminal is the editor's until that is done.
   *
   * @param signal Ends the editor.
   */
  async edit(text: string, signal: AbortSignal): Promise<EditOutcome> {
    const [program, ...args] = this.#command;
    let folder: string | undefined;
    this.#setRaw(false);
    try {
      makePrivateDirectory(this.#dir);
      folder = await Deno.makeTempDir({ dir: this.#dir, prefix: "edit-" });
      const path = `${folder}/message.txt`;
      writePrivately(path, text);
      signal.throwIfAborted(); // Deno heeds only what comes later
      const { code } = await new Deno.Command(program, {
        args: [...args, path],
        stdin: "inherit",
        stdout: "inherit",
        stderr: "inherit",
        signal,
      }).spawn().status;
      if (code !== 0) return { command: program, failure: "status", detail: String(code) };
      if ((await Deno.stat(path)).size > MAX_BYTES) {
        return { command: program, failure: "tooLong", detail: String(MAX_BYTES / 1024) };
      }
      return { text: asWritten(await Deno.readTextFile(path)) };
    } catch (error) {
      const failure = error instanceof Deno.errors.NotFound ? "notFound" : "failed";
      const detail = error instanceof Error ? error.message : String(error);
      return { command: program, failure, detail };
    } finally {
      if (folder !== undefined) await Deno.remove(folder, { recursive: true }).catch(() => {});
      this.#setRaw(true);
    }
  }
}

/** Why the draft is as it was, for the person. */
export function editFailureWords(
  { command, failure, detail }: Exclude<EditOutcome, { text: string }>,
  { say }: Speaker,
): string {
  return say(WORDS[failure], { command, detail });
}

const WORDS = {
  notFound: "editorNotFound",
  failed: "editorFailed",
  status: "editorStatus",
  tooLong: "editorTooLong",
} as const;

function readableVariable(variable: string): string | undefined {
  return isGranted({ name: "env", variable }) ? Deno.env.get(variable) : undefined;
}

function isGranted(descriptor: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(descriptor).state === "granted";
}

function writePrivately(path: string, text: string): void {
  using file = openPrivateFile(path, { createNew: true });
  const bytes = new TextEncoder().encode(text === "" ? "" : text + "\n");
  for (let written = 0; written < bytes.length;) {
    written += file.writeSync(bytes.subarray(written));
  }
}

/** Without what editors add: a byte order mark, the line ends of Windows, the end of the last line. */
function asWritten(text: string): string {
  return text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n").replace(/\n+$/, "");
}
