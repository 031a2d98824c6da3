# SPDX-License-Identifier: Apache-2.0
"""What a soak measures: traffic that must not notice anything, memory, descriptors, stalls."""

import os
import struct
import subprocess

HEAD = bytes.fromhex("02000000000202000000000188b5")
RATE = 200
NUMBERS = 1000


def write_frames(path):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for i in range(NUMBERS):
            frame = HEAD + struct.pack("!I", i) + bytes(42)
            f.write(struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame)


class Trail:
    """Reads what a pcap port writes while it grows; counts frames that are missing."""

    def __init__(self, path):
        self.path, self.at = path, 24
        self.last, self.seen, self.lost = None, 0, 0

    def read(self):
        with open(self.path, "rb") as f:
            f.seek(self.at)
            data = f.read()
        at = 0
        while at + 16 <= len(data):
            length = struct.unpack_from("<I", data, at + 8)[0]
            if at + 16 + length > len(data):
                break
            if data[at + 16:at + 30] == HEAD and length == 60:
                number = struct.unpack_from("!I", data, at + 30)[0]
                if self.last is not None:
                    self.lost += (number - self.last - 1) % NUMBERS
                self.last = number
                self.seen += 1
            at += 16 + length
        self.at += at


class Guests:
    """Two guests that talk all the time."""

    def __init__(self, program, sockets, rate, seconds):
        self.process = subprocess.Popen([program, *sockets, str(rate), str(seconds)],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True)
        self.answer = self.process.stdout.readline().strip()
        if self.answer != "ready":
            raise RuntimeError(f"the guests that talk: {self.answer}")

    def end(self):
        self.process.terminate()
        self.answer = self.process.communicate(timeout=30)[0].strip()
        words = self.answer.split()
        return dict(zip(words[::2], map(int, words[1::2])))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


def anonymous_kb(pid):
    """Memory of the process's own: files and what guests share do not count."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("Anonymous:"))
