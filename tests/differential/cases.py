# SPDX-License-Identifier: Apache-2.0
"""Random worlds: few different values everywhere, so that rules overlap and packets meet them."""

import ipaddress

import reference

MACS = [0x02000000000a, 0x02000000000b, 0x02000000000c, 0x02000000000d]
BROADCAST = 0xffffffffffff
IPS = [int(ipaddress.IPv4Address(a)) for a in ("10.0.0.1", "10.0.0.2", "10.0.1.1", "10.1.0.1")]
IP6S = [int(ipaddress.IPv6Address(a)) for a in
        ("2001:db8::1", "2001:db8::2", "2001:db8:1::1", "2001:db9::1")]
PORTS = [1, 2, 80, 0x1002]
VLANS = [10, 20]
TABLES = 4
GROUPS = 3
METER = 1  # that never has enough


def packet(r, like_ovs=False):
    p = reference.Packet(src=r.choice(MACS), dst=r.choice(MACS + [BROADCAST]))
    for _ in range(r.choice([0, 0, 0, 1, 1, 2])):
        p.tags.append((0x8100, r.choice(VLANS + [0]) | r.choice([0, 0, 5]) << 13))
    # OVS loses tags behind one of priority alone, and lets that one out of trunk ports.
    if like_ovs and p.tags and not p.tags[0][1] & 0xfff:
        p.tags = []
    p.kind = r.choice(["eth", "arp", "ip", "ip", "ip", "ip6"])
    addresses = IP6S if p.kind == "ip6" else IPS
    if p.kind != "eth":
        p.nw_src, p.nw_dst = r.choice(addresses), r.choice(addresses)
    if p.kind == "arp":
        p.arp_op = r.choice([1, 2])
    elif p.kind != "eth":
        p.ttl, p.tos = r.choice([64, 9]), r.choice([0, 0, 32])
        p.l4 = r.choice(["udp", "udp", "tcp"] + (["icmp"] if p.kind == "ip" else []))
        p.tp_src, p.tp_dst = r.choice(PORTS), r.choice(PORTS)
        if p.l4 == "icmp":
            p.tp_src, p.tp_dst = r.choice([0, 8]), 0
    return p


def prefix(r, value, width):
    bits = r.choice([8, 16, 24, width, width]) if width == 32 else r.choice([32, 48, width])
    mask = (1 << width) - (1 << width - bits)
    return value & mask, mask


def match(r, table, ports):
    """What a rule matches, about like some packet."""
    p = packet(r)
    m = {"dl_type": (reference.TYPES[p.kind], 0xffff)} if r.random() < 0.7 else {}
    if r.random() < 0.3:
        m["in_port"] = (r.choice(ports), 0xffffffff)
    for name in ("dl_src", "dl_dst"):
        if r.random() < 0.25:
            mask = r.choice([BROADCAST, BROADCAST, 0xfffffffffffe, 0x010000000000])
            m[name] = (p.field(name) & mask, mask)
    if r.random() < 0.25:
        tci = p.field("vlan_tci")
        mask = r.choice([0x1fff, 0x1000, 0xffff]) if tci else 0xffff
        m["vlan_tci"] = (tci & mask, mask)
    if table and r.random() < 0.4:
        m["reg0"] = (r.choice([0, 1, 2]), 0xffffffff)
    if table and r.random() < 0.2:
        m["metadata"] = (r.choice([0, 1]), 1)
    if "dl_type" in m and p.kind != "eth":
        match_network(r, p, m)
    return m


def match_network(r, p, m):
    width = 128 if p.kind == "ip6" else 32
    for name in ("nw_src", "nw_dst"):
        if r.random() < 0.35:
            m[name] = prefix(r, p.field(name), width)
    if p.kind == "arp":
        if r.random() < 0.4:
            m["nw_proto"] = (p.arp_op, 0xff)
        return
    if r.random() < 0.15:
        m["nw_ttl"] = (p.ttl, 0xff)
    if r.random() < 0.15:
        m["nw_tos"] = (p.tos, 0xfc)
    if r.random() < 0.5:
        m["nw_proto"] = (reference.PROTOCOLS[p.l4], 0xff)
        for name in ("tp_src", "tp_dst"):
            if p.l4 != "icmp" and r.random() < 0.4:
                m[name] = (p.field(name), r.choice([0xffff, 0xffff, 0xfffe, 0xf000]))
                m[name] = (m[name][0] & m[name][1], m[name][1])


def sets(r, m, tagged):
    """Header fields that may be written, given what the rule matches."""
    kind = reference.kind_of(m)
    choices = [("src", r.choice(MACS)), ("dst", r.choice(MACS))]
    if kind in ("ip", "ip6"):
        addresses = IP6S if kind == "ip6" else IPS
        choices += [("nw_src", r.choice(addresses)), ("nw_dst", r.choice(addresses)),
                    ("ttl", r.choice([7, 64]))]
        if m.get("nw_proto", (0,))[0] in (6, 17):
            choices += [("tp_src", r.choice(PORTS)), ("tp_dst", r.choice(PORTS))]
    if tagged:
        choices.append(("vlan_vid", r.choice(VLANS)))
    return ("set", *r.choice(choices))


def output(r, ports):
    return ("output", r.choice(ports + ports + ["in_port", "all", "normal", "normal", "reg1"]))


def actions(r, table, m, ports, groups):
    out = []
    tagged = m.get("vlan_tci", (0, 0))[0] & reference.PRESENT
    for _ in range(r.choice([0, 1, 1, 2, 3])):
        kind = r.random()
        if kind < 0.35:
            out.append(sets(r, m, tagged))
        elif kind < 0.45:
            out.append(("push_vlan", 0x8100))
            out.append(("set", "vlan_vid", r.choice(VLANS)))
            tagged = True
        elif kind < 0.55 and tagged:
            out.append(("pop_vlan",))
            tagged = False
        elif kind < 0.65:
            out.append(("load", r.choice(["reg0", "reg1"]), r.choice([1, 2])))
        elif kind < 0.67 and reference.kind_of(m) in ("ip", "ip6"):
            out.append(("dec_ttl",))
        elif kind < 0.7:
            out.append(("clone", [sets(r, m, False), output(r, ports)]))
        elif kind < 0.8 and groups:
            out.append(("group", r.choice(groups)))
        elif kind < 0.9 and table < TABLES - 1:
            out.append(("resubmit", r.randrange(table + 1, TABLES)))
        else:
            out.append(output(r, ports))
    if r.random() < 0.1:
        out.append(("clear",))
    if r.random() < 0.1:
        out.insert(0, ("meter", METER))
    if table < TABLES - 1 and r.random() < 0.15:
        out.append(("write", [sets(r, m, False), output(r, ports)]))
    if table < TABLES - 1 and r.random() < 0.1:
        out.append(("metadata", r.choice([0, 1]), 3))
    if table < TABLES - 1 and r.random() < (0.6 if not table else 0.3):
        out.append(("goto", r.randrange(table + 1, TABLES)))
    return out or [output(r, ports)]


def rule(r, bridge):
    table = r.choice([0, 0, 0, 1, 1, 2, 3])
    taken = {x.priority for x in bridge.rules if x.table == table}
    ports = list(bridge.ports)
    m = match(r, table, ports) if r.random() < 0.9 else {}
    priority = r.choice([p for p in range(1, 200) if p not in taken])
    return reference.Rule(table, priority, m,
                          actions(r, table, m, ports, list(bridge.groups)))


def group(r, ports):
    kind = r.choice(["all", "select"])
    return reference.Group(kind, [bucket(r, ports) for _ in range(r.randrange(1, 4))])


def bucket(r, ports):
    return [("set", r.choice(["src", "dst"]), r.choice(MACS)), ("output", r.choice(ports))]


# As ofctl wants it.

def match_text(m):
    words = []
    kind = {t: k for k, t in reference.TYPES.items()}.get(m.get("dl_type", (0,))[0])
    for name, (value, mask) in m.items():
        if name == "dl_type":
            words.append({"arp": "arp", "ip": "ip", "ip6": "ipv6"}.get(kind, f"dl_type={value}"))
        elif name in ("dl_src", "dl_dst"):
            words.append(f"{name}={reference._mac(value)}/{reference._mac(mask)}")
        elif name in ("nw_src", "nw_dst"):
            if kind == "ip6":
                address, name = ipaddress.IPv6Address, name.replace("nw", "ipv6")
            else:
                address = ipaddress.IPv4Address
                name = {"nw_src": "arp_spa", "nw_dst": "arp_tpa"}[name] if kind == "arp" else name
            words.append(f"{name}={address(value)}/{address(mask)}")
        elif name == "nw_proto":
            words.append(f"arp_op={value}" if kind == "arp" else f"nw_proto={value}")
        elif name in ("vlan_tci", "tp_src", "tp_dst", "metadata"):
            words.append(f"{name}={value:#x}/{mask:#x}")
        else:
            words.append(f"{name}={value}")
    return words


def packet_text(number, p):
    """The packet as ofproto/trace wants it."""
    m = {"in_port": (number, 0xffffffff)}
    names = ["dl_src", "dl_dst", "dl_type", "vlan_tci"]
    if p.kind != "eth":
        names += ["nw_src", "nw_dst", "nw_proto"]
    if p.l4:
        names += ["nw_ttl", "nw_tos", "tp_src", "tp_dst"]
    for name in names:
        mask = (1 << 128) - 1 if name in ("nw_src", "nw_dst") and p.kind == "ip6" else \
            {"dl_src": BROADCAST, "dl_dst": BROADCAST, "nw_src": 0xffffffff,
             "nw_dst": 0xffffffff}.get(name, 0xffff)
        m[name] = (p.field(name), mask)
    return ",".join(word.split("/")[0] for word in match_text(m))


def action_text(action, m):
    name, *words = action
    if name == "set":
        return set_text(*words, m)
    if name == "output":
        special = {"reg1": "output:NXM_NX_REG1[]", "in_port": "in_port", "all": "all",
                   "normal": "normal"}
        return special.get(words[0], f"output:{words[0]}")
    if name in ("clone", "write"):
        inside = ",".join(action_text(a, m) for a in words[0])
        return f"clone({inside})" if name == "clone" else f"write_actions({inside})"
    return {"push_vlan": "push_vlan:{0:#x}", "pop_vlan": "pop_vlan", "resubmit": "resubmit(,{0})",
            "goto": "goto_table:{0}", "clear": "clear_actions", "dec_ttl": "dec_ttl", "meter": "meter:{0}", "group": "group:{0}",
            "load": "set_field:{1}->{0}",
            "metadata": "write_metadata:{0}/{1}"}[name].format(*words)


def set_text(name, value, m):
    ip6 = m.get("dl_type", (0,))[0] == reference.TYPES["ip6"]
    udp = m.get("nw_proto", (0,))[0] == 17
    if name in ("src", "dst"):
        return f"set_field:{reference._mac(value)}->eth_{name}"
    if name in ("nw_src", "nw_dst"):
        address = ipaddress.IPv6Address if ip6 else ipaddress.IPv4Address
        return f"set_field:{address(value)}->{name.replace('nw', 'ipv6' if ip6 else 'ip')}"
    if name in ("tp_src", "tp_dst"):
        return f"set_field:{value}->{name.replace('tp', 'udp' if udp else 'tcp')}"
    if name == "vlan_vid":
        return f"set_field:{value | reference.PRESENT}->vlan_vid"
    return f"set_field:{value}->nw_ttl"


def rule_text(rule, with_actions=True):
    text = ",".join([f"table={rule.table},priority={rule.priority}", *match_text(rule.match)])
    if with_actions:
        text += ",actions=" + ",".join(action_text(a, rule.match) for a in rule.actions)
    return text


def group_text(number, group):
    text = f"group_id={number},type={group.type}"
    for actions_of_it in group.buckets:
        text += ",bucket=" + ("weight:10," if group.type == "select" else "") + "actions=" + \
            ",".join(action_text(a, {}) for a in actions_of_it)
    return text
