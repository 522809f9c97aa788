/**
 * What two users notice of each other while the server does something else.
 *
 * @module
 */

import { Peer } from "../tests/support/peer.ts";

const PAUSE_MS = 5;

/** A peer that is online as a guest. */
export async function onlineAs(port: number, name: string): Promise<Peer> {
  const peer = await Peer.connect(port);
  const code = await peer.ask({ event: "presence", user: { account_name: name } });
  if (code !== 200) throw new Error(`Expected 200 for ${name}, received ${code}`);
  return peer;
}

/**
 * Sends direct messages from one user to another, one after the other, a few milliseconds apart.
 *
 * @returns Milliseconds from each sending to its arrival.
 */
export async function measureRoundTrips(port: number, seconds: number): Promise<number[]> {
  using sender = await onlineAs(port, "round-trip-sender");
  using addressee = await onlineAs(port, "round-trip-addressee");
  const trips: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const start = performance.now();
    const [, code] = await Promise.all([
      addressee.next(),
      sender.ask({ event: "msg", to: "round-trip-addressee", message: "ping" }),
    ]);
    if (code !== 200) throw new Error(`Expected 200, received ${code}`);
    trips.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return trips;
}

/** The middle, the 99th percentile and the largest, for people. */
export function percentiles(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!.toFixed(2);
  return `round trip of others: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`;
}
