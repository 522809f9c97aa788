"""Clients as people write them from the course template: bare JSON objects, nothing between them, and whatever one
recv(1024) brings is one of them.

Usage: habits.py HABIT PORT NAME PEER COUNT

Sends each line of its standard input to PEER, prints what PEER writes, a line each, and leaves once the input has ended,
all is answered and COUNT messages have come. Exit status 1, and one line that says why, if anything was not as such a
client needs it: two objects in one recv, half of one, an answer that is not 200, a message without its keys.
"""

import json
import os
import select
import socket
import sys
import threading
import time


class Client:
    """What all have in common."""

    def __init__(self, port, name, peer, count):
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.name, self.peer = name, peer
        self.left = count  # messages that are still to come
        self.unanswered = 0
        self.is_over = False

    def presence(self):
        return {"action": "presence", "time": time.time(), "user": {"account_name": self.name}}

    def farewell(self):
        return {"action": "exit", "time": time.time(), "account_name": self.name}

    def send(self, request):
        self.unanswered += 1
        self.sock.sendall(json.dumps(request).encode("utf-8"))

    def take(self):
        """One recv is one object."""
        data = self.sock.recv(1024)
        if not data:
            fail("the server has hung up")
        try:
            frame = json.loads(data.decode("utf-8"))
        except ValueError as error:
            fail(f"{error} in {data!r}")
        if "response" in frame:
            if frame["response"] not in (200, 202):
                fail(f"refused: {data.decode('utf-8')}")
            self.unanswered -= 1
        else:
            self.show(frame)
        return frame

    def ask(self, request):
        """Sends and takes what comes; if that was a message, the answer is behind it."""
        before = self.unanswered
        self.send(request)
        while self.unanswered > before:
            answer = self.take()
        return answer

    def show(self, frame):
        sender, text = self.read(frame)
        if sender != self.peer:
            fail(f"from {sender} instead of {self.peer}")
        print(text, flush=True)
        self.left -= 1

    @property
    def is_done(self):
        return self.left <= 0 and self.unanswered == 0

    def enter(self):
        self.ask(self.presence())

    def leave(self):
        self.ask(self.farewell())
        self.sock.close()


class Template(Client):
    """Sends, takes the answer, sleeps a second, looks for a message: all in one thread."""

    def presence(self):
        return {"action": "presence", "time": time.time(), "type": "status",
                "user": {"account_name": self.name, "status": "Yep, I am here!"}}

    def message(self, text):
        return {"action": "message", "sender": self.name, "destination": self.peer, "time": time.time(),
                "message_text": text}

    def read(self, frame):
        if frame["action"] != "message" or frame["destination"] != self.name:
            fail(f"not mine: {frame}")
        return frame["sender"], frame["message_text"]

    def chat(self, lines):
        while True:
            text = next(lines, None)
            if text is not None:
                self.ask(self.message(text))
            elif self.is_done:
                return
            time.sleep(1)
            self.sock.settimeout(0.5)
            try:
                self.take()
            except TimeoutError:
                pass
            self.sock.settimeout(None)


class Threads(Client):
    """One thread takes all that comes, another one sends as fast as lines are typed."""

    def message(self, text):
        return {"action": "message", "from": self.name, "to": self.peer, "time": time.time(), "mess_text": text}

    def read(self, frame):
        if frame["action"] != "message" or frame["to"] != self.name:
            fail(f"not mine: {frame}")
        return frame["from"], frame["mess_text"]

    def chat(self, lines):
        receiver = threading.Thread(target=self.receive, daemon=True)
        receiver.start()
        for text in lines:
            self.send(self.message(text))
        self.flush()
        while not self.is_done:
            time.sleep(0.1)
        self.is_over = True
        self.send(self.farewell())
        self.flush()
        receiver.join()

    def receive(self):
        while not self.is_over:
            self.take()

    def flush(self):
        """Nothing waits."""

    def leave(self):
        self.sock.close()


class Specification(Client):
    """The specification's words: msg, message, a time as text; waits for the socket with select."""

    def presence(self):
        return {"action": "presence", "time": time.ctime(), "type": "status",
                "user": {"account_name": self.name, "status": "Yep, I am here!"}}

    def farewell(self):
        return {"action": "quit"}

    def message(self, text):
        return {"action": "msg", "time": time.ctime(), "type": "status", "to": self.peer, "from": self.name,
                "encoding": "utf-8", "message": text}

    def read(self, frame):
        if frame["action"] != "msg" or frame["to"] != self.name:
            fail(f"not mine: {frame}")
        return frame["from"], frame["message"]

    def chat(self, lines):
        while True:
            readable, _, _ = select.select([self.sock], [], [], 0.2)
            if readable:
                self.take()
                continue
            text = next(lines, None)
            if text is not None:
                self.send(self.message(text))
            elif self.is_done:
                return


class Contacts(Template):
    """Asks for lists, has a key; a thread that sleeps for a second shares the socket by a lock."""

    def presence(self):
        return {"action": "presence", "time": time.time(),
                "user": {"account_name": self.name, "pubkey": "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----"}}

    def enter(self):
        super().enter()
        about = {"user": self.name, "time": time.time()}
        expect(self.ask({"action": "get_contacts", **about}), [])
        users = self.ask({"action": "get_users", **about, "account_name": self.name})
        if users["response"] != 202 or self.name not in users["data_list"]:
            fail(f"not among the users: {users}")
        self.ask({"action": "add", **about, "account_name": self.peer})
        expect(self.ask({"action": "get_contacts", **about}), [self.peer])
        self.ask({"action": "remove", **about, "account_name": self.peer})
        expect(self.ask({"action": "get_contacts", **about}), [])

    def chat(self, lines):
        lock = threading.Lock()
        receiver = threading.Thread(target=self.receive, args=[lock], daemon=True)
        receiver.start()
        for text in lines:
            with lock:
                self.send(self.message(text))
                self.take()  # the answer, or a message that was there before it
            time.sleep(0.3)
        while not self.is_done:
            time.sleep(0.1)
        self.is_over = True
        receiver.join()

    def receive(self, lock):
        while not self.is_over:
            time.sleep(1)
            with lock:
                self.sock.settimeout(0.5)
                try:
                    self.take()
                except TimeoutError:
                    pass
                self.sock.settimeout(None)


class Burst(Threads):
    """Two requests in one segment, then one byte by byte."""

    def enter(self):
        self.waiting = []
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.send_slowly(self.presence())
        self.take()

    def send(self, request):
        self.waiting.append(request)
        if len(self.waiting) == 3:
            slow = self.waiting.pop()
            self.flush()
            self.send_slowly(slow)

    def flush(self):
        self.unanswered += len(self.waiting)
        self.sock.sendall("".join(map(json.dumps, self.waiting)).encode("utf-8"))
        self.waiting.clear()

    def send_slowly(self, request):
        self.unanswered += 1
        for byte in json.dumps(request, ensure_ascii=False).encode("utf-8"):
            self.sock.send(bytes([byte]))
            time.sleep(0.0005)


HABITS = {"template": Template, "threads": Threads, "specification": Specification, "contacts": Contacts, "burst": Burst}


def expect(answer, names):
    if answer["response"] != 202 or answer["data_list"] != names:
        fail(f"{names} expected: {answer}")


def fail(why):
    """Ends all threads."""
    print(why, file=sys.stderr, flush=True)
    os._exit(1)


def main():
    habit, port, name, peer, count = sys.argv[1:]
    client = HABITS[habit](int(port), name, peer, int(count))
    client.enter()
    print("online", flush=True)
    client.chat(line.rstrip("\n") for line in sys.stdin)
    client.leave()


main()
