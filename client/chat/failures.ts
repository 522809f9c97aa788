/**
 * Errors → sentences for a person.
 *
 * @module
 */

import { StartError } from "../../common/errors.ts";
import type { CloseReason } from "../../common/wire/protocol.ts";
import {
  ClientClosedError,
  ConnectError,
  type ConnectFailure,
  ConnectionLostError,
  type LossReason,
  RefusedError,
  WrongAnswerError,
} from "../library/errors.ts";
import { refusalWords, type Speaker, type TextKey } from "../texts/texts.ts";

const CONNECT: Readonly<Record<ConnectFailure, TextKey>> = {
  refused: "connectRefused",
  "unknown-host": "connectUnknownHost",
  timeout: "connectTimeout",
  certificate: "connectCertificate",
  "certificate-host": "connectCertificateHost",
  tls: "connectTls",
  network: "connectNetwork",
};

const LOSS: Readonly<Record<LossReason, TextKey>> = {
  closed: "closedByServer",
  broken: "broken",
  silent: "silent",
  wordless: "wordless",
  protocol: "wrongProtocol",
  overload: "overload",
  own: "ownEnd",
};

/** The server's word for a connection whose name went on elsewhere. */
export const REPLACED: CloseReason = "replaced";
/** The server's word for all its connections when it ends. */
export const SHUTDOWN: CloseReason = "shutdown";

/**
 * Why something did not work, in words that are safe to print.
 *
 * @throws The error itself, if it is a fault of the program.
 */
export function describeFailure(error: unknown, speaker: Speaker): string {
  const { say } = speaker;
  if (error instanceof ConnectError) {
    return say(CONNECT[error.failure], { hosts: error.hosts.join(", ") });
  }
  if (error instanceof RefusedError) {
    const { event, code, message: sentence, about } = error;
    return refusalWords({ event, code, sentence, about }, speaker);
  }
  if (error instanceof ConnectionLostError) {
    return error.notice === undefined
      ? say(LOSS[error.reason], { cap: error.message })
      : say("serverSays", { sentence: error.notice });
  }
  if (error instanceof WrongAnswerError) return say("wrongAnswer", { reason: error.message });
  if (error instanceof ClientClosedError) return say("tooMany", { reason: error.message });
  throw error;
}

/**
 * The last words of a client that ends with an error.
 *
 * @param address Where the server was looked for.
 * @throws The error itself, if it is a fault of the program.
 */
export function lastWords(error: unknown, address: string, speaker: Speaker): StartError {
  if (error instanceof StartError) return error;
  const { say } = speaker;
  if (error instanceof ConnectionLostError && error.announced === REPLACED) {
    return new StartError(say("replaced"));
  }
  const reason = describeFailure(error, speaker);
  if (error instanceof ConnectError) {
    return new StartError(say("cannotConnect", whereAndWhy(error, { address, reason }, speaker)));
  }
  if (error instanceof ConnectionLostError) {
    return new StartError(say("connectionLost", { reason }));
  }
  return new StartError(reason);
}

/** Of several nodes all that were tried, those with the same reason together: `A, B: reason; C: another`. */
function whereAndWhy(
  { nodes }: ConnectError,
  one: { address: string; reason: string },
  speaker: Speaker,
): { address: string; reason: string } {
  const byReason = Map.groupBy(nodes, ({ error }) => describeFailure(error, speaker));
  const [first, ...rest] = [...byReason].map(([reason, failures]) => ({
    address: failures.map(({ address }) => address).join(", "),
    reason,
  }));
  if (first === undefined) return one;
  const others = rest.map(({ address, reason }) => `; ${address}: ${reason}`).join("");
  return { address: first.address, reason: first.reason + others };
}
