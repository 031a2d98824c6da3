#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Whatever ends and comes back, a guest, QEMU or the switch, traffic returns by itself. The gaps that
the guests see are printed."""

import signal
import sys
import time

from topic import PATIENCE, Topic, eventually
from traffic import Beat

PATIENCE_MS = 3000
PACKED = {"packed": "on"}
# (name, QEMU serves the socket, what the card can do)
KINDS = (("client", True, {}), ("server", False, PACKED))
KINDS_LONG = KINDS + (
    ("client-packed", True, PACKED), ("server-split", False, {}),
    ("client-two", True, {"queues": 2}), ("client-two-packed", True, PACKED | {"queues": 2}),
    ("server-two", False, {"queues": 2}), ("server-two-packed", False, PACKED | {"queues": 2}))
ROUNDS_LONG = 3
# A gap that is too long is measured again: a machine that is busy with others may make one.
TRIES = 4


def cards(topic, guest, number):
    return [topic.port(topic.kit, f"br{i}", f"{guest}-{name}", f"02:00:00:00:{i:02x}:{number:02x}",
                       listens, **properties)
            for i, (name, listens, properties) in enumerate(topic.kinds)]


def addresses(topic, guest, number):
    for i, (*_, properties) in enumerate(topic.kinds):
        if "queues" in properties:
            guest.run(f"ethtool -L eth{i} combined {properties['queues']}")
        guest.address(f"eth{i}", f"192.0.{i}.{number}/24")


def start(topic):
    smp = 2 if topic.is_long else 1
    topic.kinds = KINDS_LONG if topic.is_long else KINDS
    topic.kit = topic.switch(("tests/first",))
    topic.a, topic.b = (topic.guest(name, cards(topic, name, i), smp=smp)
                        for i, name in ((1, "a"), (2, "b")))
    for number, guest in ((1, topic.a), (2, topic.b)):
        guest.ready()
        addresses(topic, guest, number)


def all_hear(topic, words):
    for i, (name, *_) in enumerate(topic.kinds):
        topic.check(f"{words}, the port as {name}", eventually, 40, topic.a.hears, f"192.0.{i}.2")


def keep_addresses(guest):
    """A guest's kernel forgets who has which address when its link goes. Whoever sends meanwhile asks at once,
    in vain, and for the next time a second later, whether the switch is back or not."""
    guest.run("sysctl -w net.ipv4.conf.all.arp_evict_nocarrier=0 net.ipv6.conf.all.ndisc_evict_nocarrier=0")


def restart(topic, words, number):
    """The guests send to each other while their switch ends and starts again: the gaps in ms, by kind."""
    # All together as often as two kinds every 5 ms.
    every = 5 * len(topic.kinds) // 2
    beats = [[Beat(sender, receiver, f"192.0.{i}.{host}", every)
              for sender, receiver, host in ((topic.a, topic.b, 2), (topic.b, topic.a, 1))]
             for i in range(len(topic.kinds))]
    all_hear(topic, f"before the switch {words}, guests hear each other")
    since = time.monotonic()
    topic.kit.process.send_signal(number)
    topic.kit.process.wait(20 * PATIENCE)
    topic.kit.start()
    away = round(1000 * (time.monotonic() - since))
    all_hear(topic, f"after the switch {words} and starts again")
    gaps = []
    for (name, *_), pair in zip(topic.kinds, beats):
        for beat, way in zip(pair, ("one way", "the other")):
            topic.check(f"and what they send goes on {way}, the port as {name}", eventually, 60,
                        beat.goes_on)
        seen = [beat.end() for beat in pair]
        gap = max(one["gap_ms"] for one in seen)
        print(f"# the switch {words}, away for {away} ms: a gap of {gap} ms,"
              f" {max(one['lost'] for one in seen)} of {max(one['received'] for one in seen)} datagrams lost,"
              f" the port as {name}", flush=True)
        gaps.append(gap)
    return gaps


def switch(topic):
    end_both_ways(topic, ROUNDS_LONG if topic.is_long else 1)
    for guest in (topic.a, topic.b):
        keep_addresses(guest)
    end_both_ways(topic, 1, " under guests that keep addresses")


def end_both_ways(topic, rounds, under=""):
    ends = ((f"is killed{under}", signal.SIGKILL), (f"is stopped{under}", signal.SIGTERM))
    for words, number in ends * rounds:
        shortest = [PATIENCE_MS] * len(topic.kinds)
        for _ in range(TRIES):
            shortest = [min(pair) for pair in zip(shortest, restart(topic, words, number))]
            if max(shortest) < PATIENCE_MS:
                break
        for (name, *_), gap in zip(topic.kinds, shortest):
            topic.check(f"traffic returns within {PATIENCE_MS} ms when the switch {words}, the port as"
                        f" {name}", gap < PATIENCE_MS)


def guests(topic):
    for _ in range(ROUNDS_LONG if topic.is_long else 1):
        guest(topic)


def guest(topic):
    topic.b.reboot()
    topic.b.ready()
    addresses(topic, topic.b, 2)
    all_hear(topic, "a guest that reboots is heard again")
    topic.b.kill()
    topic.b.start()
    topic.b.ready()
    addresses(topic, topic.b, 2)
    all_hear(topic, "a guest whose QEMU is killed and started again is heard")
    for name, *_ in topic.kinds:
        topic.check(f"no ring is stuck, the port as {name}",
                    "stuck" not in topic.kit.vsctl("get", "Interface", f"b-{name}", "status"))


if __name__ == "__main__":
    sys.exit(Topic("restart").run([start, switch, guests]))
