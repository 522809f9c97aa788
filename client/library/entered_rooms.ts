/**
 * The rooms that a client is in.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import { isSuccess, type Response } from "../../common/wire/protocol.ts";
import { refusal } from "./answers.ts";
import type { Connection } from "./connection.ts";
import { ConnectionLostError, type RefusedError } from "./errors.ts";
import type { Return } from "./gap_filler.ts";

/** Who is told of what becomes of {@linkcode EnteredRooms}. */
export interface EnteredRoomsOptions {
  /**
   * Called before each attempt to enter a room again.
   *
   * @returns With which number, to get what was said there behind it; by default with none.
   */
  entering?: ((room: string) => number | undefined) | undefined;
  /** What became of entering a room again; not called for a room that is lost. */
  onReturn?: ((room: string, what: Return) => void) | undefined;
  /** The server did not let the client in again. */
  onLost: (room: string, error: RefusedError) => void;
}

/** Knows the rooms, and enters them again where the server does not know that the client is in. */
export class EnteredRooms {
  readonly #options: EnteredRoomsOptions;
  /** As they are shown, by their folded names. */
  readonly #rooms = new Map<string, string>();
  /** Folded names of those for which the server has not said yet that the client is in again. */
  readonly #missing = new Set<string>();

  /** Is in no room. */
  constructor(options: EnteredRoomsOptions) {
    this.#options = options;
  }

  /** The names, as they are shown. */
  get names(): string[] {
    return [...this.#rooms.values()];
  }

  /** The server has let the client in. */
  entered(room: string, shown: string): void {
    this.#rooms.set(foldName(room), shown);
    this.#missing.delete(foldName(room));
  }

  /** The client is no longer in. */
  left(room: string): void {
    this.#rooms.delete(foldName(room));
    this.#missing.delete(foldName(room));
  }

  /** The server knows nothing of the rooms any more: enters them all. */
  enterAll(connection: Connection): void {
    for (const folded of this.#rooms.keys()) this.#missing.add(folded);
    this.enterMissing(connection);
  }

  /** Enters those of which it is not known whether the last attempt went well. */
  enterMissing(connection: Connection): void {
    for (const folded of [...this.#missing]) this.#enter(connection, this.#rooms.get(folded)!);
  }

  /**
   * Enters a room as before. A room that has something against the client is lost at once: the number is not to blame.
   *
   * @param refused The server's answer to the number; then the room is entered without one.
   */
  #enter(connection: Connection, room: string, refused?: Response): void {
    const { entering, onReturn, onLost } = this.#options;
    const after = refused === undefined ? entering?.(room) : undefined;
    connection.send(
      { event: "join", room, ...(after === undefined ? {} : { after }) },
      (answer) => {
        const isKnown = this.#rooms.has(foldName(room));
        if (answer instanceof ConnectionLostError) {
          if (isKnown) onReturn?.(room, { answer, after, refused });
        } else if (isSuccess(answer.response)) {
          this.#missing.delete(foldName(room));
          if (isKnown) onReturn?.(room, { answer, after, refused });
          // It was left between the two requests.
          else connection.send({ event: "leave", room });
        } else if (after !== undefined && answer.refused === undefined) {
          this.#enter(connection, room, answer);
        } else {
          this.left(room);
          onLost(room, refusal("join", answer, room));
        }
      },
    );
  }
}
