#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Asks for metrics over HTTP and checks them; is a nuisance to the server if told so.

usage: metrics.py get ADDRESS            prints the text, having checked its form
       metrics.py crowd PORT             takes all connections, and asks from another address
       metrics.py hostile ADDRESS        says all kinds of nonsense; fails if the server does not
                                         answer properly in between
ADDRESS is a port of 127.0.0.1 or the path of a unix socket.
"""

import random
import re
import socket
import sys
import time

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"'
SAMPLE = re.compile(fr"({NAME})(\{{{LABEL}(?:,{LABEL})*\}})? (-?[0-9.e+-]+|NaN|\+Inf)$")


def connect(address):
    if address.isdigit():
        return socket.create_connection(("127.0.0.1", int(address)), timeout=20)
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(20)
    sock.connect(address)
    return sock


def ask(address, request=b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"):
    with connect(address) as sock:
        sock.sendall(request)
        answer = b""
        while part := sock.recv(65536):
            answer += part
    return answer


def check(text):
    """Every metric has help and type, its samples stand together, none is there twice."""
    seen, kinds, current = set(), {}, None
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, current, kind = line.split(" ")
            assert current not in kinds, f"{current} comes twice"
            kinds[current] = kind
        elif line.startswith("# HELP "):
            assert line.split(" ", 3)[3], line
        else:
            found = SAMPLE.match(line)
            assert found, f"not a sample: {line}"
            name = found[1]
            if kinds[current] == "histogram":
                name = re.sub("_(bucket|sum|count)$", "", name)
            assert name == current, f"{name} stands among {current}"
            assert (found[1], found[2]) not in seen, f"{line} comes twice"
            seen.add((found[1], found[2]))
            if kinds[current] == "counter":
                assert name.endswith("_total") and float(found[3]) >= 0, line


def get(address):
    head, body = ask(address).split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.1 200 "), head
    assert b"text/plain; version=0.0.4" in head, head
    check(body.decode())
    sys.stdout.write(body.decode())


def crowd(port):
    silent = [connect(port) for _ in range(40)]
    with socket.create_connection(("127.0.0.1", int(port)), timeout=20,
                                  source_address=("127.0.0.2", 0)) as other:
        other.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert other.recv(100).startswith(b"HTTP/1.1 200 ")
    assert silent[0].recv(1) == b"", "the first of the crowd is still served"


def hostile(address):
    dice = random.Random(1)
    assert ask(address, b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
               b"Connection: close\r\n\r\nabc").startswith(b"HTTP/1.1 405 ")
    assert ask(address, b"GET / HTTP/1.0\r\n\r\n").split(b" ", 2)[1] == b"404"
    assert b"200 OK" in ask(address, b"HEAD /metrics HTTP/1.0\r\n\r\n")
    nonsense = [b"\0" * 5000, b"GET " + b"a" * 100000 + b" HTTP/1.1\r\n\r\n",
                b"GET /metrics HTTP/1.1\r\n" + b"a: b\r\n" * 20000 + b"\r\n",
                b"GET /metrics HTTP/9.9\r\n\r\n", b"\r\n" * 1000,
                b"GET /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n",
                b"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
                b"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"]
    nonsense += [dice.randbytes(dice.randrange(1, 3000)) for _ in range(200)]
    for words in nonsense:
        say(address, words).close()
    # Those who ask and do not read, and those who never finish asking.
    silent = [say(address, b"GET /metrics HTTP/1.1\r\nHost: x\r\n" + (b"\r\n" if i & 1 else b""))
              for i in range(100)]
    for sock in silent:
        sock.close()
    # There are only so many connections at a time, and those that say nothing are waited for.
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if ask(address).startswith(b"HTTP/1.1 200 "):
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise SystemExit("no answer after the nonsense")


def say(address, words):
    sock = connect(address)
    try:
        sock.sendall(words)
    except OSError:
        pass
    return sock


if __name__ == "__main__":
    {"crowd": crowd, "get": get, "hostile": hostile}[sys.argv[1]](sys.argv[2])
