/**
 * What all families of requests share.
 *
 * @module
 */

import { isSuccess, type Request, type Response } from "../../common/wire/protocol.ts";
import { refusal, roomOf } from "./answers.ts";
import type { CallOptions } from "./options.ts";

/** Something that can ask a server. Its families of requests are classes on top of it, `JimClient` is the last one. */
export abstract class Requests {
  /**
   * Sends a request and waits for its answer, however many connections that takes.
   *
   * @param read Makes the result of the answer, whatever its code; what it throws rejects the promise. The request may
   *   have gone out before and have been carried out, but for its answer: then it `isRepeat`.
   */
  protected abstract ask<Result>(
    request: Request,
    options: CallOptions,
    read: (response: Response, isRepeat: boolean) => Result,
  ): Promise<Result>;

  /**
   * The same for a request that the server carries out or refuses.
   *
   * @param what What an error says was asked for.
   * @throws {RefusedError} If the server refuses it.
   */
  protected demand<Result>(
    what: string,
    request: Request,
    options: CallOptions,
    read: (response: Response) => Result,
  ): Promise<Result> {
    return this.ask(request, options, (response) => {
      if (!isSuccess(response.response)) throw refusal(what, response, roomOf(request));
      return read(response);
    });
  }
}
