/**
 * What two users notice of each other while the server does something else.
 *
 * @module
 */

import { type Address, Peer } from "./peer.ts";

const PAUSE_MS = 5;

/** The request of a guest to go online. */
export function presence(name: string): object {
  return { event: "presence", user: { account_name: name } };
}

/**
 * Sends direct messages from one user to another, one after the other, a few milliseconds apart.
 *
 * @returns Milliseconds from each sending to its arrival.
 */
export async function measureRoundTrips(address: Address, seconds: number): Promise<number[]> {
  using sender = await Peer.connect(address, presence("round-trip-sender"));
  using addressee = await Peer.connect(address, presence("round-trip-addressee"));
  const trips: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const start = performance.now();
    await sender.send({ event: "msg", to: "round-trip-addressee", message: "ping" });
    await addressee.next();
    trips.push(performance.now() - start);
    await sender.next();
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
