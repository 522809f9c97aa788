/**
 * What a person has chosen in the chat, kept from one run to the next.
 *
 * @module
 */

import { foldName, hasNameShape, hasRoomShape } from "../../common/names.ts";
import { makePrivateDirectory } from "../../common/private_files.ts";
import type { ChatMemory, ViewChoice } from "../chat/chat_memory.ts";
import { isGranted } from "../granted.ts";
import { updateSharedFile } from "./shared_file.ts";

/** What the file holds. */
interface Choices {
  readonly view: ViewChoice;
  /** The open conversation at each server. */
  readonly open: ReadonlyMap<string, string>;
}

/** Servers of which it is kept what was open. */
const MAX_SERVERS = 20;

/** The choices of one name: in a file beside its input history where that is permitted, else in memory. */
export class KeptChoices implements ChatMemory {
  readonly #path: string | undefined;
  readonly #server: string;
  #view: ViewChoice = "one";
  #open: string | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string | undefined, server: string) {
    this.#path = path;
    this.#server = server;
  }

  /**
   * Reads the choices of a name.
   *
   * @param dir The folder; made if it is missing.
   * @param name Whose they are.
   * @param server Where it is online.
   */
  static async open(dir: string, name: string, server: string): Promise<KeptChoices> {
    const mayKeep = await isGranted("read", dir) && await isGranted("write", dir);
    // As the input history's; no name has a slash.
    const path = `${dir}/${encodeURIComponent(foldName(name))}.json`;
    const choices = new KeptChoices(mayKeep ? path : undefined, server);
    if (!mayKeep) return choices;
    try {
      makePrivateDirectory(dir);
      const { view, open } = read(await updateSharedFile(path, (text) => text, { create: false }));
      choices.#view = view;
      choices.#open = open.get(server);
    } catch {
      // Nothing is kept yet, or it cannot be read.
    }
    return choices;
  }

  /** See {@linkcode ChatMemory.view}. */
  get view(): ViewChoice {
    return this.#view;
  }

  /** Sets it. */
  set view(view: ViewChoice) {
    this.#view = view;
    this.#write();
  }

  /** See {@linkcode ChatMemory.open}. */
  get open(): string | undefined {
    return this.#open;
  }

  /** Sets it. */
  set open(name: string | undefined) {
    if (name === this.#open) return;
    this.#open = name;
    this.#write();
  }

  /** Resolves when all is written. An error means that it is not kept; nobody is told. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  #write(): void {
    const path = this.#path;
    if (path === undefined) return;
    const [view, name, server] = [this.#view, this.#open, this.#server];
    const change = (text: string): string => {
      const open = new Map(read(text).open);
      open.delete(server);
      if (name !== undefined) open.set(server, name);
      const latest = [...open].slice(-MAX_SERVERS);
      return JSON.stringify({ view, open: Object.fromEntries(latest) }) + "\n";
    };
    this.#writing = this.#writing
      .then(() => updateSharedFile(path, change, { create: true })).then(() => {}, () => {});
  }
}

/** What a file says, as far as it makes sense: somebody may have written it by hand. */
function read(text: string): Choices {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const { view, open } = Object(value) as { view?: unknown; open?: unknown };
  const names = Object.entries(Object(open) as object)
    .filter((one): one is [string, string] => typeof one[1] === "string")
    .filter(([, name]) => hasNameShape(name) || hasRoomShape(name));
  return { view: view === "all" ? "all" : "one", open: new Map(names) };
}
