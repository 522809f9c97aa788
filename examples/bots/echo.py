"""Says back what it is told, and in rooms what follows "!echo": python3 echo.py [HOST [PORT [NAME [#ROOM ...]]]]"""
import json
import random
import signal
import socket
import sys
import time

host, port, name, *rooms = sys.argv[1:] + ["localhost", "7777", "echo"][len(sys.argv) - 1:]


def chat(sock):
    def send(**request):
        # What is no UTF-8, half of a pair, becomes \ud83d: that is JSON, too.
        sock.sendall(json.dumps(request, ensure_ascii=False).encode(errors="backslashreplace") + b"\n")

    send(event="presence", id="login", user={"account_name": name})
    for room in rooms:
        send(event="join", room=room)
    for line in sock.makefile("rb"):
        frame = json.loads(line)
        event, code = frame.get("event"), frame.get("response")
        if event == "probe":
            send(event="probe")
        elif event == "msg" and frame["from"] != name:
            if not frame["to"].startswith("#"):
                send(event="msg", to=frame["from"], message=frame["message"])
            elif frame["message"].startswith("!echo "):
                send(event="msg", to=frame["to"], message=frame["message"][6:])
        elif frame.get("id") == "login" and code >= 400:
            if code in (409, 500):  # its own lost connection may still hold the name
                return
            sys.exit(ascii(frame["error"]))
        elif code == 101 and frame.get("reason") in ("replaced", "blocked", "removed"):
            sys.exit(frame["reason"])


signal.signal(signal.SIGINT, signal.SIG_DFL)
while True:
    try:
        with socket.create_connection((host, int(port)), timeout=120) as connection:  # the server probes after 60 s
            chat(connection)
    except OSError as error:
        print(ascii(str(error)), file=sys.stderr)
    time.sleep(1 + random.random())
