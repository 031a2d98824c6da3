# SPDX-License-Identifier: Apache-2.0
"""How far a switch has come, to a fraction of a millisecond: how long its worker has run, and what its ports
have counted. Windows of a tenth of a second are enough with it."""

import collections
import os
import time

import machine

Reading = collections.namedtuple("Reading", "ns seconds received sent")

CLOSE_S = 0.0003  # between two looks at the clock of a thread, or a question and its answer
TICK_S = 0.05  # that clock goes on sooner
TRIES = 8


class Meter:
    """Of a switch whose worker is never idle: what happens between two clocks is put down to it."""

    def __init__(self, switch):
        self.switch = switch
        self.control = switch.connect()
        before = machine.thread_times(switch.pid())
        time.sleep(0.2)
        after = machine.thread_times(switch.pid())
        thread = max(after, key=lambda tid: after[tid] - before.get(tid, 0))
        self.clock = os.open(f"/proc/{switch.pid()}/task/{thread}/schedstat", os.O_RDONLY)

    def close(self):
        os.close(self.clock)
        self.control.socket.close()

    def worker_ns(self):
        return int(os.pread(self.clock, 100, 0).split()[0])

    def tick(self):
        """(nanoseconds the worker has run, when that was true). The kernel adds them up at ticks, some
        milliseconds apart: this waits for one, and for another if we did not run when it came."""
        last, seen = self.worker_ns(), time.monotonic()
        end = seen + TICK_S
        while True:
            ns, now = self.worker_ns(), time.monotonic()
            if (ns != last and now - seen < CLOSE_S) or now > end:
                return ns, now
            last, seen = ns, now

    def read(self, *guests):
        """What has come from the guests, and left through p1. Of some tries the one that took least."""
        best, took = None, None
        for _ in range(TRIES):
            ns, at = self.tick()
            asked = time.monotonic()
            counts = self.switch.traffic(self.control)
            answered = time.monotonic()
            if best is None or answered - at < took:
                counted = (asked + answered) / 2
                received = sum(counts[name][0] for name in guests)
                best = Reading(ns + (counted - at) * 1e9, counted, received, counts["p1"][1])
                took = answered - at
            if took < 2 * CLOSE_S:
                break
        return best
