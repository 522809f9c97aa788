/**
 * Every default in one place. The unit is in the name or in the comment, which also has the reason.
 *
 * @module
 */

/** The defaults and fixed bounds of the protocol, the server and the clients. */
export const LIMITS = {
  /** Both sides meet here. Below 1024 a port needs root. */
  port: 7777,

  /**
   * Bytes of one line without its end: room for a full message as UTF-8 (16 KiB at most), also with every
   * character of the Basic Multilingual Plane escaped as `\uXXXX` (24 KiB).
   */
  maxLine: 32_768,
  /** Code points of one message. */
  maxMessage: 4_096,
  /** Code points of an account's or a room's name. */
  maxNameChars: 25,
  /** Code points of a status text. */
  maxStatusChars: 100,
  /** Code points of the text that says why somebody is away. */
  maxAwayChars: 100,
  /** Code points of the `encoding` label. */
  maxEncodingChars: 25,
  /** Code points of a request `id`. */
  maxIdChars: 64,
  /** Names that the field `features` may have, and code points of each. */
  maxFeatures: 20,
  maxFeatureChars: 25,
  /** Code points of a password: at least. */
  minPasswordChars: 8,
  /** Code points of a password: at most; bounds the work of hashing. */
  maxPasswordChars: 128,

  /** Rooms that one connection may be in. */
  maxRoomsPerSession: 50,
  /** Rooms that last which one account may own. */
  maxRoomsPerAccount: 20,
  /** Code points of what a room is about. */
  maxTopicChars: 200,
  /** Seconds of a room's slow mode: an hour. */
  maxSlowSeconds: 3_600,
  /** Seconds of a ban or a mute that is not for good: ten years. */
  maxSanctionSeconds: 315_360_000,
  /** Owners and moderators of one room. */
  maxRoomRoles: 100,
  /** Accounts that are invited to one room. */
  maxRoomInvitations: 1_000,
  /** Bans and mutes of one room that hold; a further one needs one of them to end. */
  maxRoomSanctions: 1_000,
  /** Rooms in one answer to `rooms`. */
  maxListedRooms: 1_000,
  /** Messages in one answer to `history`, at most and if none is said. */
  maxHistoryMessages: 100,
  historyMessages: 50,
  /** Code points of what is searched for. */
  maxSearchChars: 200,
  /** Code points of what says where a search goes on. */
  maxCursorChars: 200,
  /** Seconds for which the text of a message may be changed. */
  editSeconds: 86_400,
  /** Entries in one answer to `conversations`. */
  maxConversations: 500,
  /** Rooms that an account is remembered to be in while it is offline; the oldest are forgotten. */
  maxRememberedRooms: 1_000,
  /** Seconds within which a repeated message is recognised. */
  repeatSeconds: 600,
  /** Names in one answer to `who`. */
  maxWhoUsers: 1_000,

  /** A connection that is not online after this time is closed. */
  loginTimeoutSeconds: 30,
  /** A TLS handshake takes two round trips; a connection that has not finished it after this time is closed. */
  tlsHandshakeSeconds: 10,
  /** A proxy sends its header at once; a lost segment comes again within three seconds. */
  proxyHeaderSeconds: 5,
  /** Connections from proxies that wait for their header at once. */
  maxProxyHeaders: 1_000,
  /** After this time without a byte the server asks whether the client is there. */
  probeIntervalSeconds: 60,
  /** A client that sends no byte within this time after a probe is closed. */
  probeTimeoutSeconds: 30,
  /** At a login the account's other connection has this time to show that it lives; three round trips of a slow link. */
  takeoverSeconds: 3,
  /** A session whose connection was lost lives on for this time: a tunnel, another network. */
  graceSeconds: 30,
  /** Hours after a connection's end for which its token proves the name: a weekend. */
  resumeHours: 72,
  /** Code points of a token: more than any has, so that they may become longer. */
  maxTokenChars: 128,
  /** A connection that takes nothing for this time while its queue is full is closed. */
  writeTimeoutSeconds: 30,
  /** Time at shutdown to deliver what is queued; with everything else the server ends within 5 s. */
  drainSeconds: 3,
  /** Time, from the same moment on, for sessions to be taken over by other nodes, if there are any. */
  moveSeconds: 5,

  /** Requests a second that are read from one connection; twice as many in a burst. */
  requestsPerSecond: 50,
  /** Bytes that may wait for one connection. */
  maxQueueBytes: 1_048_576,
  /** Connections at once. */
  maxConnections: 10_000,
  /** Connections at once from one address; 1000 leaves room for a lab behind one NAT. */
  maxConnectionsPerAddress: 1_000,
  /** Connections at once that are not online yet. */
  maxPendingConnections: 1_000,
  /** KiB of answers to requests that cost their size, a second, for all connections of one address. */
  workKibPerSecond: 1_024,
  /** MiB that all queues may hold together. */
  maxMemoryMib: 512,

  /** Days without being online after which a guest's name is forgotten. */
  knownDays: 90,
  /** Days after which a stored message that nobody fetched is deleted. */
  mailDays: 30,
  /** Days after which a room of an account that nobody was in is deleted. */
  roomDays: 365,
  /** Days for which messages between accounts are kept. */
  historyDays: 90,
  /** Messages in one mailbox. */
  maxMailboxLetters: 1_000,
  /** Bytes in one mailbox. */
  maxMailboxBytes: 5_242_880,
  /** Of a mailbox, what one sender may have in it: a tenth, so that nobody fills it alone. */
  maxSenderLetters: 100,
  maxSenderBytes: 524_288,
  /** What all guests together may have in it: a fifth, since a further guest's name costs nothing. */
  maxGuestLetters: 200,
  maxGuestBytes: 1_048_576,
  /**
   * What all strangers together may have in it (guests, and accounts that its owner never wrote to): three quarters,
   * since accounts are cheap, too. The rest is for those whom the owner has written to.
   */
  maxStrangerLetters: 750,
  maxStrangerBytes: 3_932_160,
  /** Accounts that one account is known to have written to; the oldest are forgotten. */
  maxCorrespondents: 1_000,

  /** Accounts from which one account takes no direct messages. */
  maxBlockedUsers: 1_000,

  /** Accounts that one network may make a day: a household, a class. */
  maxAccountsPerNetwork: 20,
  /** New guests' names that one network may bring a day; 1000 leaves room for a lab behind one NAT. */
  maxNamesPerNetwork: 1_000,
  /** Networks that are counted at once; about 2 MB. */
  maxCountedNetworks: 10_000,

  /** Bytes of accepted messages that wait in memory for a disk that takes nothing. */
  maxStrandedBytes: 67_108_864,

  /** Code points of the reason that an administrator or a moderator gives. */
  maxReasonChars: 200,

  /** Code points of an invitation code: more than any has, so that they may become longer. */
  maxInviteChars: 64,
  /** Accounts that one code makes, and days for which it is good, unless the administrator says otherwise. */
  inviteUses: 1,
  inviteDays: 7,

  /** Wrong passwords and invitation codes on one connection before it is closed. */
  maxLoginFailures: 3,
  /** Registrations that wait for their password to be hashed: half a minute's work of one core. */
  maxWaitingRegistrations: 100,
  /** Days since the last login from there for which a network is trusted with an account. */
  trustedDays: 90,
  /** Networks that are trusted with one account. */
  maxTrustedNetworks: 100,
} as const;
