/**
 * Types of NATS's client that are in what this folder exports: taken from its modules, since `deno doc --lint` wants types
 * that are named to be exported by the project.
 *
 * @module
 */

/** The module of the client. */
export type Core = typeof import("@nats-io/transport-node");

/** The module of JetStream. */
export type JetStream = typeof import("@nats-io/jetstream");

/** The module of buckets. */
export type Buckets = typeof import("@nats-io/kv");

/** The client: a connection. */
export type Client = Awaited<ReturnType<Core["connect"]>>;

/** The interface of JetStream. */
export type JetStreamManager = Awaited<ReturnType<JetStream["jetstreamManager"]>>;

/** A message that JetStream keeps. */
export type StoredMessage = NonNullable<
  Awaited<ReturnType<JetStreamManager["streams"]["getMessage"]>>
>;

/** A bucket of keys and values. */
export type Bucket = Awaited<ReturnType<InstanceType<Buckets["Kvm"]>["open"]>>;
