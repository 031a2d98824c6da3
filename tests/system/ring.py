# SPDX-License-Identifier: Apache-2.0
"""Sends numbered broadcasts from one host of a system test until SIGTERM, and counts at another how
often each arrives: in a loop, very often.

usage: ring.py FROM TO

Prints how many were sent, how many arrived, the most copies of one, and the longest time in
milliseconds in which none arrived.
"""
import select
import signal
import socket
import sys
import time

import frame

EVERY_S = 0.004
HEAD = bytes.fromhex("ffffffffffff" + "020000000aaa" + "88b5")


def main():
    going = True

    def stop(*_):
        nonlocal going
        going = False

    signal.signal(signal.SIGTERM, stop)
    mouth, ear = frame.opened(sys.argv[1]), frame.opened(sys.argv[2])
    copies, last, longest = {}, time.monotonic(), 0
    due, n, end = last, 0, None
    while going or time.monotonic() < end:
        now = time.monotonic()
        if going and now >= due:
            mouth.send((HEAD + n.to_bytes(4, "big")).ljust(60, b"\0"))
            n, due = n + 1, now + EVERY_S
        end = now + 0.5 if going else end  # for what is on its way
        if not select.select([ear], [], [], EVERY_S / 4)[0]:
            continue
        data, address = ear.recvfrom(2048)
        if data[:14] != HEAD or address[2] == socket.PACKET_OUTGOING:
            continue
        number = int.from_bytes(data[14:18], "big")
        copies[number] = copies.get(number, 0) + 1
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    print(n, len(copies), max(copies.values(), default=0), round(longest * 1000))


main()
