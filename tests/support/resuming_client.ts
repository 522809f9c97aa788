/**
 * A peer that comes back to its session.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";

import type { Frame, RawClient } from "./raw_client.ts";
import { PASSWORD, type TestServer } from "./server_fixture.ts";

/** How a peer goes online. */
export interface Arrival {
  readonly client: RawClient;
  readonly answer: Frame;
  /** What proves the name the next time. */
  readonly token: string;
}

/** Sends a request to go online on a new connection, and takes the answer. */
export async function arrive(
  server: Pick<TestServer, "connect">,
  request: object,
): Promise<Arrival> {
  const client = await server.connect();
  const answer = await client.ask(request);
  return { client, answer, token: answer.resume as string };
}

/** A request of a guest with `resume`: `true` or a token. */
export const asGuest = (name: string, resume: unknown = true, more: object = {}): object => ({
  event: "presence",
  user: { account_name: name },
  resume,
  ...more,
});

/** A request of an account with its password, for a token. */
export const withPassword = (name: string, more: object = {}): object => ({
  event: "authenticate",
  user: { account_name: name, password: PASSWORD },
  resume: true,
  ...more,
});

/** A request of an account with a token in place of the password. */
export const withToken = (name: string, resume: string, more: object = {}): object => ({
  event: "authenticate",
  user: { account_name: name },
  resume,
  ...more,
});

/** Goes online as a guest in a numbered session. */
export async function numberedGuest(server: TestServer, name: string): Promise<Arrival> {
  const arrival = await arrive(server, asGuest(name));
  assertEquals(arrival.answer.response, 200);
  assert(/^[\w-]{1,128}$/.test(arrival.token), arrival.token);
  return arrival;
}

/** Makes an account and goes online in a numbered session. */
export async function numberedAccount(server: TestServer, name: string): Promise<Arrival> {
  const arrival = await arrive(server, withPassword(name, { register: true }));
  assertEquals(arrival.answer.response, 201);
  assert(/^[\w-]{1,128}$/.test(arrival.token), arrival.token);
  return arrival;
}

/** The text, or what a notice says, of each frame, with its number. */
export const numbered = (frames: readonly Frame[]): [unknown, unknown][] =>
  frames.map((
    { n, message, joined, left },
  ) => [n, message ?? (joined === undefined ? `-${left}` : `+${joined}`)]);
