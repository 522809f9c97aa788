/**
 * The errors that users of the client library catch by class.
 *
 * @module
 */

import type { RoomRefusalName } from "../../common/wire/protocol.ts";

/** Why a server could not be reached. */
export type ConnectFailure =
  /** Nobody listens there. */
  | "refused"
  /** The host name is unknown. */
  | "unknown-host"
  /** No answer in time. */
  | "timeout"
  /** The server's certificate is not trusted. */
  | "certificate"
  /** The server's certificate is for other hosts. */
  | "certificate-host"
  /** The server does not speak TLS, or breaks the handshake off. */
  | "tls"
  /** The network does not reach the server. */
  | "network";

/** Why one of several nodes does not serve. */
export interface NodeFailure {
  /** `host:port`. */
  readonly address: string;
  /** A {@linkcode ConnectError}, or a {@linkcode ConnectionLostError} if it let nobody log in. */
  readonly error: Error;
}

/** No connection could be made. */
export class ConnectError extends Error {
  /** The name of the class, for logs. */
  override readonly name = "ConnectError";
  /** What went wrong. */
  readonly failure: ConnectFailure;
  /** The hosts that the server's certificate is for, if that is what is wrong; not yet safe to print. */
  readonly hosts: readonly string[];
  /** What was wrong with each of several nodes, in the order of the trials; empty if there is one address only. */
  readonly nodes: readonly NodeFailure[];

  /**
   * Makes the error.
   *
   * @param failure What went wrong.
   * @param message One line for a person.
   * @param options The error underneath as `cause`, the certificate's `hosts`, and the `nodes` that were tried.
   */
  constructor(
    failure: ConnectFailure,
    message: string,
    options: ErrorOptions & { hosts?: readonly string[]; nodes?: readonly NodeFailure[] } = {},
  ) {
    super(message, options);
    this.failure = failure;
    this.hosts = options.hosts ?? [];
    this.nodes = options.nodes ?? [];
  }
}

/** How a connection ended. */
export type LossReason =
  /** The server closed it. */
  | "closed"
  /** It broke: reset, network gone. */
  | "broken"
  /** Nothing came back, not even the answer to a probe. */
  | "silent"
  /** The server ended a connection without TLS before it said anything: most likely it speaks TLS. */
  | "wordless"
  /** The other side does not speak JIM, or answers out of order. */
  | "protocol"
  /** The server sent more than this side keeps; the message says which cap it was. */
  | "overload"
  /** This side closed it. */
  | "own";

/** A connection ended before the answer came. Whether the server did what it was asked is not known. */
export class ConnectionLostError extends Error {
  /** The name of the class, for logs. */
  override readonly name = "ConnectionLostError";
  /** How it ended. */
  readonly reason: LossReason;
  /** The reason that the server announced (101), if it did; not yet safe to print. */
  readonly notice: string | undefined;
  /** The same as a word for programs, as `replaced`: one of the protocol's reasons, or any other; not safe to print. */
  readonly announced: string | undefined;

  /**
   * Makes the error.
   *
   * @param reason How it ended.
   * @param message One line for a person.
   * @param options The error underneath as `cause`, and what the server announced.
   */
  constructor(
    reason: LossReason,
    message: string,
    options: ErrorOptions & { notice?: string | undefined; announced?: string | undefined } = {},
  ) {
    super(message, options);
    this.reason = reason;
    this.notice = options.notice;
    this.announced = options.announced;
  }
}

/** What a room has against a request (403). */
export interface RoomRefusal {
  /** The rule that speaks against it. */
  readonly refused: RoomRefusalName;
  /** The room. */
  readonly room: string;
  /** Whole seconds until it passes, at least 1; absent if it does not pass by itself. */
  readonly retry?: number;
  /** What the moderator has said who is the cause; not yet safe to print. */
  readonly reason?: string;
}

/** The server answered with 4xx or 5xx. */
export class RefusedError extends Error {
  /** The name of the class, for logs. */
  override readonly name = "RefusedError";
  /** The response's code. */
  readonly code: number;
  /** What was asked for. */
  readonly event: string;
  /** What a room has against it, if the server has said so in words for programs. */
  readonly about: RoomRefusal | undefined;

  /**
   * Makes the error.
   *
   * @param event What was asked for, as in `login` or `join`.
   * @param code The response's code.
   * @param sentence The server's sentence; not yet safe to print.
   * @param about What a room has against it.
   */
  constructor(event: string, code: number, sentence: string, about?: RoomRefusal) {
    super(sentence);
    this.event = event;
    this.code = code;
    this.about = about;
  }
}

/** The server answered, but with what no honest server says. The client goes on. */
export class WrongAnswerError extends Error {
  /** The name of the class, for logs. */
  override readonly name = "WrongAnswerError";
  /** What was asked for. */
  readonly event: string;

  /**
   * Makes the error.
   *
   * @param event What was asked for, as in `history`.
   * @param fault What came; none of the server's text.
   */
  constructor(event: string, fault: string) {
    super(`The server sent ${fault}`);
    this.event = event;
  }
}

/** The client is closed, or too many requests wait in it already. */
export class ClientClosedError extends Error {
  /** The name of the class, for logs. */
  override readonly name = "ClientClosedError";
}
