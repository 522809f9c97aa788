"""A chat: python3 examples/classic_client.py NAME [ADDRESS [PORT]], then lines such as "bob hello" write to bob."""
import json
import socket
import sys
import threading
import time

name = sys.argv[1] if len(sys.argv) > 1 else "Guest"
address = sys.argv[2] if len(sys.argv) > 2 else "localhost"
port = int(sys.argv[3]) if len(sys.argv) > 3 else 7777


def send(**request):
    sock.sendall(json.dumps({**request, "time": time.time()}).encode("utf-8"))


def receive():
    while data := sock.recv(1024):  # one recv is one object: the server sees to that
        frame = json.loads(data.decode("utf-8"))
        if frame.get("action") == "message":
            print(f"{frame['from']}: {frame['mess_text']}", flush=True)
        elif frame["response"] != 200:
            print(f"Refused: {frame['error']}", flush=True)


sock = socket.create_connection((address, port))
receiver = threading.Thread(target=receive)
receiver.start()
send(action="presence", user={"account_name": name})
for line in sys.stdin:
    to, _, text = line.strip().partition(" ")
    send(action="message", to=to, **{"from": name}, mess_text=text)
send(action="exit")
receiver.join()
