/**
 * A login on a connection, from its request to its answer.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import { CODE, isSuccess, type Response } from "../../common/wire/protocol.ts";
import type { Answer, Connection } from "./connection.ts";
import { ConnectionLostError } from "./errors.ts";
import { type Identity, loginRequest, type LoginWishes } from "./identity.ts";

/** How a {@linkcode greet} goes. */
export interface GreetingOptions extends LoginWishes {
  /** Where time comes from. */
  clock: Clock;
  /**
   * Milliseconds that the server has for its first sign of life: it is asked for one ahead of the login, whose own answer
   * may take long. @default {no limit of its own}
   */
  lifeMs?: number | undefined;
  /** The token is no good: it must not be used again, since each time counts as a wrong password. */
  onWrongToken?: () => void;
  /** Called at the very place of the answer that lets the client in, before the next line is looked at. */
  onSuccess: (answer: Response) => void;
}

/**
 * A login may wait in the server's queue of those whose password is checked, and then for the account's old connection
 * to answer a probe (3 s, if the operator has not set it otherwise).
 */
const LOGIN_TIMEOUT_MS = 90_000;

/** How a server says that a token is no good: it knows it no more, or not together with what was seen. */
const WRONG_TOKEN: ReadonlySet<number> = new Set([CODE.badRequest, CODE.wrongLogin]);

/**
 * Logs in. If a token is no good any more, it goes on without it on the same connection: with the password, or as a guest
 * as for the first time.
 *
 * @returns The server's last word, whatever it is.
 * @throws {ConnectionLostError} If the connection ends before that; a server that does not answer is given up.
 */
export async function greet(
  connection: Connection,
  identity: Identity,
  { clock, lifeMs, onWrongToken, onSuccess, ...wishes }: GreetingOptions,
): Promise<Response> {
  const ask = (how: LoginWishes): Promise<Response> =>
    new Promise((resolve, reject) => {
      const timer = clock.setTimeout(() => connection.abandon(), LOGIN_TIMEOUT_MS);
      connection.send(loginRequest(identity, how), (answer: Answer) => {
        clock.clearTimeout(timer);
        if (answer instanceof ConnectionLostError) return reject(answer);
        if (isSuccess(answer.response)) onSuccess(answer);
        resolve(answer);
      });
    });
  if (lifeMs !== undefined) {
    const timer = clock.setTimeout(() => connection.abandon(), lifeMs);
    connection.send({ event: "probe" }, () => clock.clearTimeout(timer));
  }
  const answer = await ask(wishes);
  if (typeof wishes.resume !== "object" || !WRONG_TOKEN.has(answer.response)) return answer;
  onWrongToken?.();
  return await ask({ ...wishes, resume: true });
}
