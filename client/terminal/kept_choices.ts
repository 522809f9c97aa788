/**
 * What a person has chosen in the chat, kept from one run to the next.
 *
 * @module
 */

import { foldName, hasNameShape, hasRoomShape } from "../../common/names.ts";
import { makePrivateDirectory } from "../../common/private_files.ts";
import type { ChatMemory, ViewChoice } from "../chat/chat_memory.ts";
import type { Profile } from "../profile/profile.ts";
import { isGranted } from "../granted.ts";
import { updateSharedFile } from "./shared_file.ts";

/** Servers of which it is kept what was open. */
const MAX_SERVERS = 20;

/** Where settings are. */
type Settings = Pick<Profile, "value" | "set">;

/**
 * The view is a setting; what is open stands in a file of this name beside its input history where that is permitted,
 * else in memory.
 */
export class KeptChoices implements ChatMemory {
  readonly #path: string | undefined;
  readonly #server: string;
  readonly #profile: Settings;
  #open: string | undefined;
  #writing: Promise<void> = Promise.resolve();
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(path: string | undefined, server: string, profile: Settings) {
    this.#path = path;
    this.#server = server;
    this.#profile = profile;
  }

  /**
   * Reads the choices of a name.
   *
   * @param dir The folder; made if it is missing.
   * @param name Whose they are.
   * @param server Where it is online.
   * @param profile The person's settings.
   */
  static async open(
    dir: string,
    name: string,
    server: string,
    profile: Settings,
  ): Promise<KeptChoices> {
    const mayKeep = await isGranted("read", dir) && await isGranted("write", dir);
    // As the input history's; no name has a slash.
    const path = `${dir}/${encodeURIComponent(foldName(name))}.json`;
    const choices = new KeptChoices(mayKeep ? path : undefined, server, profile);
    if (!mayKeep) return choices;
    try {
      makePrivateDirectory(dir);
      const text = await updateSharedFile(path, (text) => text, { create: false });
      choices.#open = read(text).get(server);
    } catch {
      // Nothing is kept yet, or it cannot be read.
    }
    return choices;
  }

  /** See {@linkcode ChatMemory.view}. */
  get view(): ViewChoice {
    return this.#profile.value("view");
  }

  /** Sets it. */
  set view(view: ViewChoice) {
    this.#changing = this.#profile.set("view", view);
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
    await Promise.all([this.#writing, this.#changing]);
  }

  #write(): void {
    const path = this.#path;
    if (path === undefined) return;
    const [name, server] = [this.#open, this.#server];
    const change = (text: string): string => {
      const open = read(text);
      open.delete(server);
      if (name !== undefined) open.set(server, name);
      const latest = [...open].slice(-MAX_SERVERS);
      return JSON.stringify({ open: Object.fromEntries(latest) }) + "\n";
    };
    this.#writing = this.#writing
      .then(() => updateSharedFile(path, change, { create: true })).then(() => {}, () => {});
  }
}

/** What was open at each server, as far as the file makes sense: somebody may have written it by hand. */
function read(text: string): Map<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const { open } = Object(value) as { open?: unknown };
  const names = Object.entries(Object(open) as object)
    .filter((one): one is [string, string] => typeof one[1] === "string")
    .filter(([, name]) => hasNameShape(name) || hasRoomShape(name));
  return new Map(names);
}
