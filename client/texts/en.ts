/**
 * The sentences in English.
 *
 * @module
 */

/** The table that the other languages follow: same names, same gaps. */
export const EN = {
  // Before the chat
  askName: "Your name: ",
  askPassword: "Password for {name}: ",
  askNewPassword: "New password for {name}: ",
  repeatPassword: "The same again: ",
  passwordsDiffer: "The two passwords differ; nothing was changed.",
  loginSame: "You are {name} already.",
  loginWrong:
    "Wrong password, or nobody has registered {name}. To be a guest of that name, start the client with -n {name}.",
  loginNot: "You are still {name}.",
  nameOnline: "{name} is online already.",
  passwordLength: "A password has {min}–{max} characters.",
  noTerminalForPassword: "This name needs a password: use --password-file FILE",
  noName: "No name was given",
  leftEarly: "You left before you were online",
  welcome: "You are {name}, online at {address}.",
  helpHint: "help COMMAND tells more of one command.",
  nameTaken: "{name} is online already; choose another name.",
  nameWrong:
    "A name has 1–25 letters, digits, '_', '-' or '.', and begins with a letter or a digit.",
  wrongLogin: "Wrong login or password.",
  waitingForLogin: "Checking …",

  // The connection
  lost: "Connection lost: {reason}. Trying again …",
  backOnline: "Connected again.",
  roomLost: "No longer in {room}: {reason}",
  malformed: "The server sent a line that is no frame; it was left out ({reason}).",
  closedByServer: "the server closed it",
  broken: "the link broke",
  silent: "the server does not answer",
  wrongProtocol: "what answers there does not speak JIM",
  ownEnd: "closed",
  serverSays: "the server says: {sentence}",
  connectionLost: "Connection lost: {reason}",
  cannotConnect: "Cannot connect to {address}: {reason}",
  connectRefused: "nobody listens there",
  connectUnknownHost: "no such host",
  connectTimeout: "no answer in time",
  connectCertificate: "the server's certificate is not trusted",
  connectTls: "the server does not speak TLS",
  connectNetwork: "the network does not reach it",
  // What the server says, by its code where that tells something
  refusal: "{sentence}",
  refusal401: "{sentence}",
  refusal402: "{sentence}",
  refusal404: "{sentence}",
  refusal409: "{sentence}",
  refusal410: "{sentence}",
  refusedWith: "{sentence} ({code})",
  loginRefused: "Cannot log in as {name}: {sentence} ({code})",
  tooMany: "Too much is waiting already: {reason}",

  // The prompt
  promptOffline: "(no connection) ",
  promptWaiting: "({count} waiting) ",
  promptMore: "… ",
  ctrlC: "Ctrl-C again, or Ctrl-D, leaves the chat.",
  noSuspend: "Ctrl-Z does nothing here; Ctrl-D on an empty line leaves the chat.",
  goodbye: "Goodbye.",

  // Messages and their state
  stateSent: "sent",
  stateSentRoom: "sent to {count}",
  stateStored: "{name} is offline; the message will wait for them",
  stateRefused: "not sent",
  stateQueued: "waits for the connection",
  stateUnanswered: "no answer: it may not have been sent",
  partRefused: "part {number} of {count}: {words}",
  nobodyThere: "sent to 0: nobody else is in {room}",
  storedMark: "kept for you",
  joined: "{name} joined {room}",
  left: "{name} left {room}",

  // Commands
  askTo: "To whom (a name, or #room): ",
  askText: "Message: ",
  askRoom: "Room: ",
  cancelled: "Nothing was sent.",
  emptyMessage: "An empty message is not sent.",
  roomName: "A room's name begins with '#', as in #dev; received '{room}'.",
  nobodyWrote: "Nobody has written to you yet.",
  unknownCommand: "There is no command '{word}'; 'help' lists all. Nothing was sent.",
  unknownCommandHint: "There is no command '{word}'. Did you mean '{hint}'? Nothing was sent.",
  looksLikeCommand: "That looks like a command and was not sent.",
  sendAnyway: "This looks like a command. Send it to {to} as a message? [y/N] ",
  replyAnyway: "{other} has written meanwhile. Send it to {name}? [y/N] ",
  sendLines: "Send {count} {count:line|lines} to {to}? [y/N] ",
  runLines: "Carry out {count} {count:line|lines} as commands? [y/N] ",
  noArguments: "'{command}' takes nothing behind it.",
  chatWith: "You write to {to} now: each line is sent. Commands begin with '/', '/close' ends it.",
  chatEnds: "Back to commands.",
  noChat: "No conversation is open.",
  joinedRoom: "In {room}: {users}",
  leftRoom: "Left {room}.",
  statusSet: "Your status: {status}",
  statusCleared: "Your status is empty now.",
  whoTotal: "{count} online",
  whoRoom: "{count} in {room}",
  whoMore: "{count} more are not listed",
  whoName: "name",
  whoStatus: "status",
  unreadNone: "Nothing is unread.",
  unreadCount: "{count} {count:message|messages}",
  registered:
    "{name} is an account now: from now on it needs the password, and messages wait for it.",
  mustBeTerminal: "'{command}' needs a terminal.",

  // The help
  helpCommand: "command",
  helpMeaning: "what it does",
  aliases: "also: {aliases}",
  helpHelp: "show all commands, or tell more of one",
  helpMessage: "send a message; asks for what is missing",
  helpMessageMore:
    "'message bob hi' sends 'hi' to bob, 'message #dev hi' to all in #dev.\nWithout a text, or without anything, it asks.",
  helpChat: "open a conversation: each line is sent as it is",
  helpChatMore:
    "While it is open, commands begin with '/', as in /who;\n'//' begins a message with one '/'.\n'\\' at the end of a line continues the message on the next one.",
  helpClose: "end the conversation",
  helpReply: "answer the last one who wrote",
  helpReplyMore:
    "That is who had written last when you began the line, as the prompt shows;\nif somebody else has written meanwhile, it asks.",
  helpJoin: "enter a room",
  helpLeave: "leave a room; without a name the one that you talk in",
  helpWho: "show who is online, or who is in a room",
  helpStatus: "say something about yourself; without a text, nothing",
  helpUnread: "list conversations that you have not answered or opened",
  helpRegister: "make an account of your name: it asks for a password",
  helpLogin: "go online under another account's name",
  helpLoginMore:
    "It asks for the password. You keep your rooms; if it fails, you stay who you are.\nTo be a guest of another name, start the client again with -n NAME.",
  helpExit: "say goodbye and leave",
} as const satisfies Record<string, string>;
