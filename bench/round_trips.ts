/**
 * What two users notice of each other while the server does something else.
 *
 * @module
 */

import { type Address, LineClient } from "./line_client.ts";

const PAUSE_MS = 5;

/**
 * Sends direct messages from one user to another, one after the other, a few milliseconds apart.
 *
 * @returns Milliseconds from each sending to its arrival.
 */
export async function measureRoundTrips(address: Address, seconds: number): Promise<number[]> {
  using sender = await LineClient.online(address, "round-trip-sender");
  using addressee = await LineClient.online(address, "round-trip-addressee");
  const trips: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const arrived = Promise.withResolvers<unknown>();
    addressee.onFrame = arrived.resolve;
    const start = performance.now();
    const answer = sender.ask({ event: "msg", to: "round-trip-addressee", message: "ping" });
    await arrived.promise;
    trips.push(performance.now() - start);
    await answer;
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
