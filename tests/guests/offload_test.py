#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every combination of what a guest leaves to its card and what another lets its own leave to it:
TCP and UDP arrive, with the checksums the receiver was promised. Prints a table."""

import itertools
import sys

from guest import GuestError
from topic import Topic
from traffic import serve, tcp, udp, wrong_sums

OFF = {
    "checksum": {"guest_csum": "off"},
    "tso": {"guest_tso4": "off", "guest_tso6": "off"},
    "merge": {"mrg_rxbuf": "off"},
}
# What a receiver's cards can do: a card each.
RECEIVERS = list(itertools.product((True, False), repeat=3))
SENDERS = list(itertools.product((True, False), repeat=2))


def properties(abilities):
    found = {}
    for able, off in zip(abilities, OFF.values()):
        found |= {} if able else off
    return found


def start(topic, layout):
    """One card sends, and a card each for the receiver's kinds."""
    switch = topic.kit
    sender = topic.guest("a", [topic.port(switch, "br0", "a0", "02:00:00:00:01:00", **layout)])
    receiver = topic.guest("b", [
        topic.port(switch, "br0", f"b{i}", f"02:00:00:00:02:{i:02x}", **layout, **properties(kind))
        for i, kind in enumerate(RECEIVERS)])
    sender.ready()
    receiver.ready()
    # All cards are in one network: only the one that has an address answers for it.
    receiver.run("echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore;"
                 " echo 2 >/proc/sys/net/ipv4/conf/all/arp_announce")
    for i in range(len(RECEIVERS)):
        sender.address("eth0", f"192.0.{i}.1/24")
        receiver.address(f"eth{i}", f"192.0.{i}.2/24")
        receiver.run(f"ethtool -K eth{i} gro off")
    serve(receiver)
    return sender, receiver


def fault(sent, received, seen):
    """What a receiver saw that it should not have, or None."""
    checksum, tso = sent
    can_checksum, can_tso, _ = received
    if not seen.packets:
        return "nothing arrived"
    if seen.bad:
        return f"{seen.bad} of {seen.packets} have a wrong checksum"
    if seen.partial and not (checksum and can_checksum):
        return f"{seen.partial} without a checksum"
    if seen.large and not (checksum and tso and can_checksum and can_tso):
        return f"{seen.large} not cut"
    return None


def combine(topic, rings, sender, receiver):
    rows = []
    for sent in SENDERS:
        words = {True: "on", False: "off"}
        sender.run(f"ethtool -K eth0 tx {words[sent[0]]}; ethtool -K eth0 tso {words[sent[1]]};"
                   f" ethtool -K eth0 gso {words[sent[1]]}")
        for i, received in enumerate(RECEIVERS):
            where = f"192.0.{i}.2", f"eth{i}"
            cells = ["yes" if able else "-" for able in (*sent, *received)]
            faults = []
            for measure in (tcp, udp):
                try:
                    seen = measure(sender, receiver, *where)
                except GuestError as error:
                    faults.append(str(error))
                    continue
                faults.append(fault(sent, received, seen))
                cells += [str(n) for n in (seen.packets, seen.large, seen.partial, seen.bad)]
            faults = [f for f in faults if f]
            rows.append(cells + ["; ".join(faults) or "right"])
    seen = ["packets", "to cut", "no sum", "wrong"]
    print("# sender            receiver                   TCP                                 UDP")
    for row in [["checksum", "TSO", "checksum", "TSO", "merge"] + seen * 2] + rows:
        print("# " + " ".join(f"{cell:8}" for cell in row).rstrip(), flush=True)
    for row in rows:
        words = [f"{name} {'on' if cell == 'yes' else 'off'}" for name, cell in
                 zip(("tx", "tso", "rx", "lro", "merge"), row)]
        topic.check(f"{rings} rings, {' '.join(words)}: {row[-1]}", row[-1] == "right")
    topic.check("no checksum was wrong for the guest's own kernel", not wrong_sums(receiver))


def split(topic):
    topic.kit = topic.switch()
    combine(topic, "split", *start(topic, {}))


def packed(topic):
    if topic.is_long:
        for guest in topic.guests:
            guest.kill()
        topic.kit.vsctl("del-br", "br0")
        combine(topic, "packed", *start(topic, {"packed": "on"}))


if __name__ == "__main__":
    sys.exit(Topic("offload").run([split, packed]))
