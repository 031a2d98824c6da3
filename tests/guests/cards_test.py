#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Two guests with a card of every kind each; every kind carries pings, TCP and UDP both ways, and
whoever receives looks at the checksums."""

import itertools
import sys

from topic import Topic, eventually
from traffic import flows, serve, talks

JUMBO = 9000
PACKED = {"packed": "on"}
PLAIN = {"mrg_rxbuf": "off"}

# (name, QEMU serves the socket, queues, what the card can do, MTU)
KINDS = (
    ("split rings", True, 1, {}, 1500),
    ("packed rings", True, 1, PACKED, 1500),
    ("split rings, buffers not merged", True, 1, PLAIN, 1500),
    ("packed rings, buffers not merged", True, 1, PACKED | PLAIN, 1500),
    ("two queues, split rings", True, 2, {}, 1500),
    ("two queues, packed rings", True, 2, PACKED, 1500),
    ("the port as server, split rings", False, 1, {}, 1500),
    ("the port as server, packed rings, two queues", False, 2, PACKED, 1500),
    ("jumbo frames", True, 1, {"host_mtu": JUMBO}, JUMBO),
    ("jumbo frames, packed rings, the port as server", False, 1, PACKED | {"host_mtu": JUMBO}, JUMBO),
)
CARDS = 8  # of a guest in the long form


def every_kind():
    """All combinations. Frames longer than the guest's buffers need buffers that are merged."""
    for listens, packed, merged, n, mtu in itertools.product((True, False), (False, True),
                                                             (True, False), (1, 2, 4), (1500, JUMBO)):
        if not merged and mtu > 1500:
            continue
        words = ("the port as client" if listens else "the port as server",
                 "packed rings" if packed else "split rings",
                 "buffers merged" if merged else "buffers not merged", f"queues: {n}", f"MTU {mtu}")
        properties = ((PACKED if packed else {}) | ({} if merged else PLAIN)
                      | ({"host_mtu": mtu} if mtu > 1500 else {}))
        yield ", ".join(words), listens, n, properties, mtu


def cards(topic, switch, guest, number):
    return [topic.port(switch, f"br{i}", f"{guest}{i}", f"02:00:00:00:{i:02x}:{number:02x}", listens,
                       queues=queues, **properties)
            for i, (_, listens, queues, properties, _) in enumerate(topic.kinds)]


def boot(topic, smp, memory=192):
    topic.a, topic.b = (topic.guest(name, cards(topic, topic.kit, name, i), smp=smp, memory=memory)
                        for i, name in ((1, "a"), (2, "b")))
    for guest in (topic.a, topic.b):
        guest.ready()
        serve(guest)


def start(topic):
    topic.kit = topic.switch()
    topic.kinds = KINDS
    boot(topic, 2)


def kinds(topic):
    a, b = topic.a, topic.b
    for i, (name, _, queues, _, mtu) in enumerate(topic.kinds):
        for number, guest in ((1, a), (2, b)):
            guest.run(f"ethtool -K eth{i} gro off")
            if queues > 1:
                guest.run(f"ethtool -L eth{i} combined {queues}")
            guest.address(f"eth{i}", f"192.0.{i}.{number}/24", mtu)
        topic.check(f"{name}: pings are answered", a.hears, f"192.0.{i}.2")
        if mtu > 1500:
            topic.check(f"{name}: and those as long as the MTU", a.hears, f"192.0.{i}.2",
                        f"-s {mtu - 28}")
        topic.check(f"{name}: TCP and UDP arrive", talks, a, b, f"192.0.{i}.2", f"eth{i}")
        topic.check(f"{name}: and the other way", talks, b, a, f"192.0.{i}.1", f"eth{i}")


def used(guest, i, direction):
    """How many queues of the guest's card have carried packets."""
    text = guest.run(f"ethtool -S eth{i}")
    return sum(line.strip().startswith(f"{direction}_queue_") and "_packets:" in line
               and int(line.split()[1]) > 0 for line in text.splitlines())


def queues(topic):
    """A guest's CPUs have a send queue each, and the switch takes from all. What it receives is
    spread by flow, when that is asked for."""
    a, b = topic.a, topic.b
    for i, (name, _, n, _, _) in enumerate(topic.kinds):
        if n < 2:
            continue
        heard = all([a.does(f"taskset {1 << cpu:x} ping -c 2 -i 0.2 -W 2 192.0.{i}.2 >/dev/null")
                     for cpu in range(n)])
        topic.check(f"{name}: all of them carry packets", heard and used(a, i, "tx") == n)
        before = used(a, i, "rx")
        topic.kit.vsctl("set", "Interface", f"a{i}", "other_config:tx-steering=hash")
        flows(b, f"192.0.{i}.1")
        topic.check(f"{name}: and all receive, where {before} did, once flows choose",
                    lambda i=i, n=n: used(a, i, "rx") == n)
        topic.check(f"{name}: TCP and UDP arrive as before", talks, b, a, f"192.0.{i}.1", f"eth{i}")


def matrix(topic):
    """The long form: every kind, as many at a time as a guest has room for."""
    if not topic.is_long:
        return
    left = list(every_kind())
    while left:
        for guest in topic.guests:
            guest.kill()
        for i in range(len(topic.kinds)):
            topic.kit.vsctl("del-br", f"br{i}")
        topic.kinds, left = left[:CARDS], left[CARDS:]
        # Cards whose buffers are not merged hold 19 MB for each queue.
        boot(topic, 4, 1024)
        kinds(topic)
        queues(topic)


def vlans(topic):
    """An access port, and a trunk whose tags the guest makes itself."""
    a, b = topic.a, topic.b
    topic.kit.vsctl("set", "Port", "a0", "tag=10", "--", "set", "Port", "b0", "trunks=10,20",
                    "vlan_mode=trunk")
    b.run("load 8021q")
    for vlan in (10, 20):
        b.run(f"ip link add link eth0 name v{vlan} type vlan id {vlan}; ip link set v{vlan} up;"
              f" ip addr add 198.51.{vlan}.2/24 dev v{vlan}")
        a.run(f"ip addr add 198.51.{vlan}.1/24 dev eth0")
    topic.check("an access port's guest talks with a trunk's VLAN", talks, a, b, "198.51.10.2", "v10")
    topic.check("and the other way", talks, b, a, "198.51.10.1", "eth0")
    topic.check("but with no other VLAN", not a.does("ping -c 1 -W 1 198.51.20.2 >/dev/null"))
    topic.check("and not untagged", not a.does("ping -c 1 -W 1 192.0.0.2 >/dev/null"))
    topic.kit.vsctl("set", "Port", "a0", "tag=20")
    topic.check("and with the other once it is its own", eventually, 10, a.hears, "198.51.20.2")
    topic.kit.vsctl("clear", "Port", "a0", "tag", "--", "set", "Port", "b0", "tag=10",
                    "vlan_mode=native-untagged", "--", "set", "Port", "a0", "tag=10")
    b.run("ip addr add 198.51.10.3/24 dev eth0; ip addr del 198.51.10.2/24 dev v10")
    topic.check("a trunk whose own VLAN comes without a tag", talks, a, b, "198.51.10.3", "eth0")


if __name__ == "__main__":
    sys.exit(Topic("cards").run([start, kinds, queues, vlans, matrix]))
