# SPDX-License-Identifier: Apache-2.0
"""Random worlds: few different values everywhere, so that rules overlap and packets meet them."""

import ipaddress

import headers
import reference
from headers import BROADCAST, MOVED, MOVED_FROM, MOVED_IP, MOVED_IP6, MOVED_L4

MACS = [0x02000000000a, 0x02000000000b, 0x02000000000c, 0x02000000000d]
IPS = [int(ipaddress.IPv4Address(a)) for a in ("10.0.0.1", "10.0.0.2", "10.0.1.1", "10.1.0.1")]
IP6S = [int(ipaddress.IPv6Address(a)) for a in
        ("2001:db8::1", "2001:db8::2", "2001:db8:1::1", "2001:db9::1")]
PORTS = [1, 2, 80, 0x1002]
VLANS = [10, 20]
TABLES = 4
GROUPS = 3
METER = 1  # that never has enough
LABELS = [100, 101]
CONJUNCTION = 5  # the id of each
MPLS_OF = 0.1  # of packets



def packet(r, like_ovs=False):
    p = headers.Packet(src=r.choice(MACS), dst=r.choice(MACS + [BROADCAST]))
    for n in range(r.choice([0, 0, 0, 1, 1, 2])):
        p.tags.append((0x8100 if n else r.choice([0x8100, 0x8100, 0x88a8]),
                       r.choice(VLANS + [0]) | r.choice([0, 0, 5]) << 13))
    # OVS loses tags behind one of priority alone, and lets that one out of trunk ports.
    if like_ovs and p.tags and not p.tags[0][1] & 0xfff:
        p.tags = []
    p.kind = r.choice(["eth", "arp", "ip", "ip", "ip", "ip6"])
    addresses = IP6S if p.kind == "ip6" else IPS
    if p.kind != "eth":
        p.nw_src, p.nw_dst = r.choice(addresses), r.choice(addresses)
    if p.kind == "arp":
        p.arp_op, p.sha = r.choice([1, 2]), r.choice(MACS)
    elif p.kind != "eth":
        p.ttl, p.tos = r.choice([64, 9]), r.choice([0, 0, 32, 33])
        p.label = r.choice([0, 0x12345]) if p.kind == "ip6" else 0
        p.l4 = r.choice(["udp", "udp", "tcp"] + (["icmp"] if p.kind == "ip" else []))
        p.tp_src, p.tp_dst = r.choice(PORTS), r.choice(PORTS)
        if p.l4 == "icmp":
            p.tp_src, p.tp_dst = r.choice([0, 8]), 0
        p.flags = r.choice([2, 0x10, 0x11]) if p.l4 == "tcp" else 0
    if p.kind == "ip" and r.random() < MPLS_OF:
        p.labels = [label(r) for _ in range(r.choice([1, 1, 2]))]
    return p


def label(r):
    return r.choice(LABELS) << 12 | r.choice([0, 3]) << 9 | r.choice([64, 9])


def prefix(r, value, width):
    bits = r.choice([8, 16, 24, width, width]) if width == 32 else r.choice([32, 48, width])
    mask = (1 << width) - (1 << width - bits)
    return value & mask, mask


def match(r, table, ports):
    """What a rule matches, about like some packet."""
    p = packet(r)
    m = {"dl_type": (p.field("dl_type"), 0xffff)} if r.random() < 0.7 else {}
    if r.random() < 0.3:
        m["in_port"] = (r.choice(ports), 0xffffffff)
    for name in ("dl_src", "dl_dst"):
        if r.random() < 0.25:
            mask = r.choice([BROADCAST, BROADCAST, 0xfffffffffffe, 0x010000000000])
            m[name] = (p.field(name) & mask, mask)
    if r.random() < 0.25:
        tci = p.field("vlan_tci")
        mask = r.choice([0x1fff, 0x1000, 0xffff, 0xf000]) if tci else r.choice([0xffff, 0x1000])
        m["vlan_tci"] = (tci & mask, mask)
    if table and r.random() < 0.4:
        mask = r.choice([0xffffffff, 0xffffffff, 3, 0xff00])
        m["reg0"] = (r.choice([0, 1, 2]) & mask, mask)
    if table and r.random() < 0.2:
        m["metadata"] = (r.choice([0, 1]), 1)
    if "dl_type" in m and p.labels:
        match_labels(r, p, m)
    elif "dl_type" in m and p.kind != "eth":
        match_network(r, p, m)
    return m


def match_labels(r, p, m):
    for name in ("mpls_label", "mpls_tc"):
        if r.random() < 0.3:
            m[name] = (p.field(name), (1 << 20) - 1)
    # What is popped must be known to be the last.
    if r.random() < 0.7:
        m["mpls_bos"] = (p.field("mpls_bos"), 1)


def match_network(r, p, m):
    width = 128 if p.kind == "ip6" else 32
    for name in ("nw_src", "nw_dst"):
        if r.random() < 0.35:
            m[name] = prefix(r, p.field(name), width)
    if p.kind == "arp":
        if r.random() < 0.4:
            m["nw_proto"] = (p.arp_op, 0xff)
        if r.random() < 0.2:
            m["sha"] = (p.sha, BROADCAST)
        return
    if r.random() < 0.15:
        m["nw_ttl"] = (p.ttl, 0xff)
    if r.random() < 0.15:
        m["nw_tos"] = (p.tos & 0xfc, 0xfc)
    if r.random() < 0.1:
        m["nw_ecn"] = (p.tos & 3, 3)
    if p.kind == "ip6" and r.random() < 0.15:
        m["label"] = (p.label, 0xfffff)
    if r.random() < 0.5:
        m["nw_proto"] = (headers.PROTOCOLS[p.l4], 0xff)
        for name in ("tp_src", "tp_dst"):
            if p.l4 != "icmp" and r.random() < 0.4:
                m[name] = (p.field(name), r.choice([0xffff, 0xffff, 0xfffe, 0xf000]))
                m[name] = (m[name][0] & m[name][1], m[name][1])
        if p.l4 == "icmp" and r.random() < 0.4:
            m["tp_src"] = (p.tp_src, 0xff)
        if p.l4 == "tcp" and r.random() < 0.3:
            mask = r.choice([0x10, 0x13, 0xfff])
            m["flags"] = (p.flags & mask, mask)


class State:
    """What is known of the packets a rule is for, as its actions go on."""

    def __init__(self, m):
        self.kind, self.proto = headers.kind_of(m), m.get("nw_proto", (0,))[0]
        self.tagged = m.get("vlan_tci", (0, 0))[0] & headers.PRESENT
        self.bottom = m.get("mpls_bos", (None,))[0]

    def copy(self, tagged=None):
        other = State({})
        other.__dict__.update(self.__dict__)
        other.tagged = self.tagged if tagged is None else tagged
        return other


def sets(r, state):
    """Header fields that may be written."""
    kind = state.kind
    choices = [("src", r.choice(MACS)), ("dst", r.choice(MACS))]
    if kind in ("ip", "ip6"):
        addresses = IP6S if kind == "ip6" else IPS
        choices += [("nw_src", r.choice(addresses)), ("nw_dst", r.choice(addresses)),
                    ("ttl", r.choice([7, 64])), ("dscp", r.choice([0, 8])), ("ecn", r.choice([0, 1]))]
        if kind == "ip6":
            choices.append(("label", r.choice([0, 0x54321])))
        if state.proto in (6, 17):
            choices += [("tp_src", r.choice(PORTS)), ("tp_dst", r.choice(PORTS))]
        if state.proto == 1 and kind == "ip":
            choices.append(("tp_src", r.choice([0, 8])))
    if kind == "arp":
        choices += [("nw_src", r.choice(IPS)), ("nw_dst", r.choice(IPS)), ("arp_op", r.choice([1, 2])),
                    ("sha", r.choice(MACS)), ("tha", r.choice(MACS))]
    if kind == "mpls":
        choices += [("mpls_label", r.choice(LABELS)), ("mpls_tc", r.choice([0, 3])),
                    ("mpls_ttl", r.choice([7, 64]))]
    if state.tagged:
        choices += [("vlan_vid", r.choice(VLANS)), ("vlan_pcp", r.choice([0, 5]))]
    name, value = r.choice(choices)
    if name in ("src", "dst") and r.random() < 0.3:
        mask = r.choice([0xff, 0xffff00000000, 0x00ffffff0000])
        return ("set_part", name, value & mask, mask)
    if name in ("nw_src", "nw_dst") and r.random() < 0.3:
        mask = r.choice([0xff, 0xff00])
        return ("set_part", name, value & mask, mask)
    return ("set", name, value)


def output(r, ports):
    return ("output", r.choice(ports + ports + ["in_port", "all", "flood", "normal", "normal", "reg1"]))


def move(r, state):
    own = dict(MOVED)
    if state.kind in ("ip", "ip6"):
        own |= MOVED_IP if state.kind == "ip" else MOVED_IP6
        own |= MOVED_L4.get(state.proto, {})
    everything = own | MOVED_FROM
    source, to = r.choice(list(everything)), r.choice(list(own))
    n = min(r.choice([1, 2, 8, 16, 128]), everything[source][1], own[to][1])
    first = [r.choice([0, fields[name][1] - n, r.randrange(fields[name][1] - n + 1)])
             for fields, name in ((everything, source), (own, to))]
    return ("move", source, to, *first, n, everything[source][0], own[to][0])


def part(r):
    """Bits of a register."""
    first, n = r.choice([(0, 1), (1, 1), (0, 8), (8, 4), (0, 16)])
    return ("load_part", r.choice(["reg0", "reg1"]), first, n, r.choice([0, 1, 2]) & (1 << n) - 1)


def change(r, state, ports, tables):
    """Some actions that are no output."""
    kind = r.random()
    if kind < 0.33:
        return [sets(r, state)]
    if kind < 0.45:
        state.tagged = True
        return [("push_vlan", r.choice([0x8100, 0x8100, 0x88a8])), ("set", "vlan_vid", r.choice(VLANS))]
    if kind < 0.55 and state.tagged:
        state.tagged = False
        return [("pop_vlan",)]
    if kind < 0.62 and state.kind in ("ip", "mpls"):
        return mpls(r, state)
    if kind < 0.68 and state.kind in ("ip", "ip6"):
        return [("dec_ttl",)]
    if kind < 0.76:
        return [("load", r.choice(["reg0", "reg1"]), r.choice([1, 2]))]
    if kind < 0.8:
        return [part(r)]
    if kind < 0.9:
        return [move(r, state)]
    if kind < 0.94:
        return [(r.choice(["push", "push", "pop"]), r.choice(["reg0", "reg1", "src", "dst"]))]
    if kind < 0.97:
        return [("load_in_port", r.choice(ports + [0]))]
    return [("resubmit", r.choice(tables), r.choice(ports))] if tables else []


def mpls(r, state):
    if state.kind == "ip":
        state.kind, state.bottom = "mpls", 1
        return [("push_mpls",), ("set", "mpls_label", r.choice(LABELS))]
    kind = r.random()
    if kind < 0.2:
        state.bottom = 0
        return [("push_mpls",)]
    if kind < 0.4 or state.bottom is None:
        return [("dec_mpls_ttl",)]
    last, state.bottom = state.bottom, None
    if last:
        state.kind, state.proto = "ip", 0
    return [("pop_mpls", 0x800 if last else 0x8847)]


def to_write(r, state, ports, groups):
    """For the action set."""
    out = []
    kind = r.random()
    if kind < 0.15:
        out = [("push_vlan", 0x8100), ("set", "vlan_vid", r.choice(VLANS))]
    elif kind < 0.25 and state.tagged:
        out = [("pop_vlan",)]
    elif kind < 0.35 and state.kind in ("ip", "ip6"):
        out = [("dec_ttl",)]
    else:
        out = [sets(r, state.copy(tagged=False))]
    return out + [("group", r.choice(groups)) if groups and r.random() < 0.2 else output(r, ports)]


def actions(r, table, m, ports, groups):
    out = []
    state = State(m)
    further = list(range(table + 1, TABLES))
    for _ in range(r.choice([0, 1, 1, 2, 3, 4])):
        kind = r.random()
        if kind < 0.65:
            out += change(r, state, ports, further)
        elif kind < 0.7:
            out.append(("clone", [sets(r, state.copy(tagged=False)), output(r, ports)]))
        elif kind < 0.8 and groups:
            out.append(("group", r.choice(groups)))
        elif kind < 0.9 and further:
            out.append(("resubmit", r.choice(further)))
        else:
            out.append(output(r, ports))
    if r.random() < 0.1:
        out.append(("clear",))
    if r.random() < 0.1:
        out.insert(0, ("meter", METER))
    if further and r.random() < 0.15:
        out.append(("write", to_write(r, state, ports, groups)))
    if further and r.random() < 0.1:
        out.append(("metadata", r.choice([0, 1]), 3))
    if further and r.random() < (0.6 if not table else 0.3):
        out.append(("goto", r.choice(further)))
    return out or [output(r, ports)]


def conjunctive(r, bridge):
    """A rule of two dimensions, and those that are its dimensions."""
    table = r.choice([0, 0, 1, 2])
    taken = {x.priority for x in bridge.rules if x.table == table}
    first, then = r.sample([p for p in range(1, 200) if p not in taken], 2)
    ports, p = list(bridge.ports), packet(r)
    clauses = [[{"in_port": (port, 0xffffffff)} for port in r.sample(ports, 2)],
               [{name: (p.field(name), BROADCAST)} for name in r.sample(["dl_src", "dl_dst"], r.choice([1, 2]))]]
    rules = [reference.Rule(table, first, m, [("conjunction", CONJUNCTION, n + 1, 2)])
             for n, clause in enumerate(clauses) for m in clause]
    m = {"conj_id": (CONJUNCTION, 0xffffffff)}
    return rules + [reference.Rule(table, then, m, actions(r, table, m, ports, list(bridge.groups)))]


def rule(r, bridge):
    table = r.choice([0, 0, 0, 1, 1, 2, 3])
    taken = {x.priority for x in bridge.rules if x.table == table}
    ports = list(bridge.ports)
    m = match(r, table, ports) if r.random() < 0.9 else {}
    priority = r.choice([p for p in range(1, 200) if p not in taken])
    return reference.Rule(table, priority, m,
                          actions(r, table, m, ports, list(bridge.groups)))


def group(r, ports):
    kind = r.choice(["all", "select", "indirect", "ff"])
    n = 1 if kind == "indirect" else r.randrange(1, 4)
    return reference.Group(kind, [bucket(r, ports) for _ in range(n)])


def bucket(r, ports):
    out = []
    if r.random() < 0.2:
        out += [("push_vlan", 0x8100), ("set", "vlan_vid", r.choice(VLANS))]
    out.append(("set", r.choice(["src", "dst"]), r.choice(MACS)))
    return out + [("output", r.choice(ports))]
