/**
 * Requests on their way to an answer, across any number of connections.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import type { Request, Response } from "../../common/wire/protocol.ts";
import { roomOf } from "./answers.ts";
import type { Connection } from "./connection.ts";
import { ConnectionLostError } from "./errors.ts";
import { abortable } from "./waiting.ts";

/** A request until its answer is there. */
interface Outstanding {
  readonly request: Request;
  readonly onResponse: (response: Response) => void;
  /** Whether it went out on an earlier connection, too: the server may have carried it out twice. */
  isRepeat?: boolean;
  readonly reject: (error: Error) => void;
  /** Where it was sent last. */
  sentOn?: Connection;
}

/**
 * Holds requests until they are answered.
 *
 * Guarantees:
 * 1. Each request goes out at most once per connection, in the order in which the requests were added; while messages
 *    to rooms are held back, those to others overtake them, but no request overtakes one about the same room.
 * 2. Each promise settles once: with its response, or with an error.
 */
export class OutstandingRequests {
  readonly #repeats: () => boolean;
  readonly #requests = new Set<Outstanding>();
  #units = 0;
  /** Whether messages to a room, by its folded name, are held back. */
  #holds: (room: string) => boolean = NONE;

  /**
   * Holds nothing yet.
   *
   * @param repeats Asked when a connection is lost: whether its requests wait for the next one. If not, they
   *   are rejected.
   */
  constructor(repeats: () => boolean) {
    this.#repeats = repeats;
  }

  /** How many have no answer. */
  get size(): number {
    return this.#requests.size;
  }

  /** How many UTF-16 units the messages among them have. */
  get units(): number {
    return this.#units;
  }

  /**
   * Adds a request.
   *
   * @param read Makes the result of the response, which may be that of a repeat; what it throws rejects the promise.
   * @param connection Where to send it at once; without one it waits for {@linkcode OutstandingRequests.transmit}.
   * @param signal Ends the waiting: the promise is rejected with the signal's reason, and a request that has not
   *   gone out never will.
   */
  add<Result>(
    request: Request,
    read: (response: Response, isRepeat: boolean) => Result,
    connection: Connection | undefined,
    signal?: AbortSignal,
  ): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const outstanding: Outstanding = {
      request,
      reject,
      onResponse: (response) => {
        try {
          resolve(read(response, outstanding.isRepeat === true));
        } catch (error) {
          reject(error);
        }
      },
    };
    this.#requests.add(outstanding);
    this.#units += unitsOf(request);
    if (connection !== undefined && !this.#isHeld(connection, outstanding)) {
      this.#send(connection, outstanding);
    }
    return abortable(promise, signal, () => this.#remove(outstanding));
  }

  /**
   * Sends on a connection all that did not go out on it yet, oldest first.
   *
   * @param holds To which rooms, by their folded names, messages are kept back, these and those that are added later,
   *   until the next call.
   */
  transmit(connection: Connection, holds: (room: string) => boolean = NONE): void {
    this.#holds = holds;
    for (const outstanding of this.#requests) {
      if (!this.#isHeld(connection, outstanding)) this.#send(connection, outstanding);
    }
  }

  /** Rejects all. */
  rejectAll(error: Error): void {
    for (const { reject } of this.#requests) reject(error);
    this.#requests.clear();
    this.#units = 0;
  }

  #isHeld(connection: Connection, { request }: Outstanding): boolean {
    const room = this.#holds === NONE ? undefined : foldedRoomOf(request);
    if (room === undefined || !this.#holds(room)) return false;
    if (request.event === "msg") return true;
    for (const other of this.#requests) {
      if (other.request === request) break;
      if (other.sentOn !== connection && foldedRoomOf(other.request) === room) return true;
    }
    return false;
  }

  #send(connection: Connection, outstanding: Outstanding): void {
    if (outstanding.sentOn === connection) return;
    if (outstanding.sentOn !== undefined) outstanding.isRepeat = true;
    outstanding.sentOn = connection;
    connection.send(outstanding.request, (answer) => {
      if (answer instanceof ConnectionLostError) {
        if (!this.#repeats() && this.#remove(outstanding)) outstanding.reject(answer);
      } else if (this.#remove(outstanding)) {
        outstanding.onResponse(answer);
      }
    });
  }

  /** Takes a request out; `false` if it was not in any more. */
  #remove(outstanding: Outstanding): boolean {
    if (!this.#requests.delete(outstanding)) return false;
    this.#units -= unitsOf(outstanding.request);
    return true;
  }
}

function unitsOf(request: Request): number {
  return "message" in request ? request.message.length : 0;
}

const NONE = (): boolean => false;

/** The folded name of the room that a request is about. */
function foldedRoomOf(request: Request): string | undefined {
  const room = roomOf(request);
  return room === undefined ? undefined : foldName(room);
}
