# SPDX-License-Identifier: Apache-2.0
"""A controller for tests that want to say and hear exactly one thing after the other: os-ken's
messages on a plain socket, without os-ken's threads.

    peer = Peer(RUNDIR + "/br0.mgmt", "13")
    reply = peer.ask(peer.p.OFPRoleRequest(peer.desc, peer.o.OFPCR_ROLE_MASTER, 1))
    removed = peer.wait("OFPFlowRemoved")
"""
import glob
import json
import os
import socket
import struct
import subprocess
import sys
import time
import traceback

from os_ken.ofproto import (ofproto_parser, ofproto_protocol, ofproto_v1_0, ofproto_v1_0_parser,
                            ofproto_v1_3, ofproto_v1_3_parser, ofproto_v1_4, ofproto_v1_4_parser,
                            ofproto_v1_5, ofproto_v1_5_parser)

VERSIONS = {"10": (ofproto_v1_0, ofproto_v1_0_parser), "13": (ofproto_v1_3, ofproto_v1_3_parser),
            "14": (ofproto_v1_4, ofproto_v1_4_parser), "15": (ofproto_v1_5, ofproto_v1_5_parser)}
VENDOR = 4  # the type of messages that os-ken knows little of
PATIENCE = 10  # seconds for what must come
TOPIC = os.path.basename(sys.argv[0]).replace(".py", "")


class Raw:
    """A message that os-ken has no class for, or that a test wants as bytes."""

    def __init__(self, data):
        self.version, self.msg_type, _, self.xid = struct.unpack("!BBHI", data[:8])
        self.buf = data

    def __repr__(self):
        return "Raw(%s)" % self.buf.hex()


class Peer:
    """One connection. 'inbox' has what came and was not waited for yet."""

    def __init__(self, path, version, sock=None):
        self.o, self.p = VERSIONS[version]
        self.desc = ofproto_protocol.ProtocolDesc(version=self.o.OFP_VERSION)
        self.desc.id = 0
        self.sock = sock
        if not sock:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.connect(path)
        self.data = b""
        self.inbox = []
        self.xid = 100
        self.send(self.p.OFPHello(self.desc))
        self.wait("OFPHello")

    def raw(self, kind, body=b"", version=None):
        """Sends a message of these bytes; returns its xid."""
        self.xid += 1
        version = self.o.OFP_VERSION if version is None else version
        self.sock.sendall(struct.pack("!BBHI", version, kind, 8 + len(body), self.xid) + body)
        return self.xid

    def send(self, message):
        self.xid += 1
        message.set_xid(self.xid)
        message.serialize()
        self.sock.sendall(message.buf)
        return self.xid

    def _parse(self, data):
        version, kind, size, xid = struct.unpack("!BBHI", data[:8])
        # What os-ken knows little of, or wrongly.
        if kind == VENDOR or (version == 5 and kind == 19):
            return Raw(data)
        try:
            message = ofproto_parser.msg(self.desc, version, kind, size, xid, data)
        except Exception:  # pylint: disable=broad-except
            message = None
        return message or Raw(data)

    def read(self, timeout):
        """Takes in what comes until the time is over; returns whether something did."""
        self.sock.settimeout(max(timeout, 0.001))
        try:
            more = self.sock.recv(65536)
        except (socket.timeout, BlockingIOError):
            return False
        if not more:
            raise EOFError("the switch has closed the connection")
        self.data += more
        while len(self.data) >= 8:
            size = struct.unpack("!H", self.data[2:4])[0]
            if len(self.data) < size:
                break
            self.inbox.append(self._parse(self.data[:size]))
            self.data = self.data[size:]
        return True

    def find(self, test, what):
        end = time.monotonic() + PATIENCE
        while True:
            for message in self.inbox:
                if test(message):
                    self.inbox.remove(message)
                    return message
            if not self.read(end - time.monotonic()) and time.monotonic() > end:
                raise AssertionError("%s did not come; these did: %s" % (what, self.inbox))

    def wait(self, name):
        """The next message of that class."""
        return self.find(lambda m: type(m).__name__ == name, name)

    def answer(self, xid):
        return self.find(lambda m: m.xid == xid, "the answer")

    def ask(self, message):
        return self.answer(self.send(message))

    def ask_raw(self, kind, body=b"", version=None):
        return self.answer(self.raw(kind, body, version))

    def barrier(self):
        """Waits for the barrier; all the switch had to say before is in the inbox then."""
        return self.ask(self.p.OFPBarrierRequest(self.desc))

    def does(self, message):
        """The message is obeyed: no error comes before the barrier's reply."""
        xid = self.send(message)
        self.barrier()
        errors = [m for m in self.inbox if m.xid == xid]
        assert not errors, errors

    def refuses(self, message, kind, code):
        reply = self.ask(message)
        assert (reply.type, reply.code) == (kind, code), reply
        return reply

    def hears_nothing(self, name):
        """No message of that class is there when a barrier has come back."""
        self.barrier()
        found = [m for m in self.inbox if type(m).__name__ == name]
        assert not found, found

    def close(self):
        self.sock.close()


class Listener:
    """Where the switch calls its controller."""

    def __init__(self, port):
        self.sock = socket.socket()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind(("127.0.0.1", port))
        self.sock.listen()
        self.sock.settimeout(PATIENCE)

    def accept(self, version):
        sock, _ = self.sock.accept()
        return Peer(None, version, sock)


def run(*words):
    """A command that must succeed; returns what it prints."""
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=30).stdout


def eventually(test):
    end = time.monotonic() + PATIENCE
    while not test():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


class Control:
    """The daemon's control socket."""

    def __init__(self, rundir):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(glob.glob(rundir + "/vswitchd.*.ctl")[0])
        self.sock.settimeout(PATIENCE)
        self.n = 0

    def call(self, method, *words):
        self.n += 1
        self.sock.sendall(json.dumps({"method": method, "params": words, "id": self.n}).encode())
        text = ""
        while True:
            text += self.sock.recv(65536).decode()
            try:
                answer = json.loads(text)
            except ValueError:
                continue
            assert answer["error"] is None, answer
            return answer["result"]


class Cases:
    """The tests of a file: each says ok or not ok."""

    failures = 0

    def check(self, words, test, *args):
        try:
            test(*args)
            print("ok - %s: %s" % (TOPIC, words), flush=True)
        except Exception:  # pylint: disable=broad-except
            self.failures += 1
            print("not ok - %s: %s" % (TOPIC, words))
            print("  " + traceback.format_exc().replace("\n", "\n  "), flush=True)

    def end(self):
        sys.exit(self.failures > 0)
