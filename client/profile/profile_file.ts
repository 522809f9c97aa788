/**
 * The file with a person's settings, as it is read and changed.
 *
 * @module
 */

import { dirname } from "node:path";

import type { ConfigEntry, ConfigFile } from "../../common/config/config_keys.ts";
import { makePrivateDirectory, openPrivateFile } from "../../common/private_files.ts";
import { isGranted, requireGranted } from "../granted.ts";
import { PROFILE } from "./profile_keys.ts";

/** A file of settings that may be missing, and that several clients may share. */
export class ProfileFile {
  /** Where it is. */
  readonly path: string;

  /** Touches nothing yet. */
  constructor(path: string) {
    this.path = path;
  }

  /**
   * Reads it.
   *
   * @param isAsked Whether a person has named it; else it is passed over if it must not be read or is missing.
   * @throws {StartError} If it was asked for and must not be read.
   * @throws {UsageError} If it cannot be read, or what is in it is wrong: one line that names the place.
   */
  async read(isAsked: boolean): Promise<ConfigFile> {
    if (isAsked) await requireGranted(PROFILE.flag, this.path);
    else if (!await isGranted("read", this.path) || isMissing(this.path)) return new Map();
    // The parser takes a while to load, and most have no file.
    const { readConfigFile } = await import("../../common/config/config_file.ts");
    return readConfigFile(this.path, PROFILE);
  }

  /** Whether it may be changed: the permission is granted already, for a new file in its place too. */
  async mayChange(): Promise<boolean> {
    const { path } = this;
    const granted = await Promise.all([
      isGranted("read", path),
      isGranted("write", path),
      isGranted("read", newPath(path)),
      isGranted("write", newPath(path)),
    ]);
    return granted.every(Boolean);
  }

  /**
   * Sets one key and leaves all else as it is, also what another client has changed meanwhile. Whoever reads the file
   * sees it as it was or as it will be; only its owner may read the new one.
   *
   * @param value Nothing takes the key out.
   * @returns What is in the file now.
   * @throws {UsageError} If what is in the file is wrong: it stays as it is.
   * @throws {Error} If it cannot be read or written.
   */
  async change(key: string, value: ConfigEntry["value"] | undefined): Promise<ConfigFile> {
    const [{ parseConfig, readConfigText }, { editConfig }] = await Promise.all([
      import("../../common/config/config_file.ts"),
      import("../../common/config/edit_config.ts"),
    ]);
    makePrivateDirectory(dirname(this.path));
    // A link stays one: many keep such files elsewhere.
    const path = isMissing(this.path) ? this.path : await Deno.realPath(this.path);
    for (;;) {
      using file = openPrivateFile(path, { read: true });
      await file.lock(true);
      // Whoever had the lock before has put another file in its place.
      if (!isAt(path, file)) continue;
      if (isReadOnly(file)) throw new Deno.errors.PermissionDenied("the file is read-only");
      const text = readConfigText(path, PROFILE);
      parseConfig(text, path, PROFILE);
      const edited = editConfig(text, key, value, PROFILE);
      const entries = parseConfig(edited, path, PROFILE);
      if (edited !== text) replace(path, edited);
      return entries;
    }
  }
}

/** Where a new file is written before it takes the place of the old one. */
function newPath(path: string): string {
  return `${path}.new`;
}

function replace(path: string, text: string): void {
  const aside = newPath(path);
  removeIfThere(aside); // of one who was stopped while writing it
  try {
    using file = openPrivateFile(aside, { createNew: true });
    const bytes = new TextEncoder().encode(text);
    for (let written = 0; written < bytes.length;) {
      written += file.writeSync(bytes.subarray(written));
    }
    file.syncDataSync();
    Deno.renameSync(aside, path);
  } catch (error) {
    removeIfThere(aside);
    throw error;
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function isMissing(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}

function isAt(path: string, file: Deno.FsFile): boolean {
  try {
    const [there, here] = [Deno.statSync(path), file.statSync()];
    return there.ino === here.ino && there.dev === here.dev;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Root may write it all the same, but whoever made it so does not want that. */
function isReadOnly(file: Deno.FsFile): boolean {
  const { mode } = file.statSync();
  return mode !== null && (mode & 0o200) === 0;
}
