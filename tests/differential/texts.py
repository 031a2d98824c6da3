# SPDX-License-Identifier: Apache-2.0
"""Rules, groups and packets as ofctl wants them."""

import ipaddress

import headers
from headers import BROADCAST, kind_of


def match_text(m):
    words = []
    kind = {t: k for k, t in headers.TYPES.items()}.get(m.get("dl_type", (0,))[0])
    for name, (value, mask) in m.items():
        if name == "dl_type":
            words.append({"arp": "arp", "ip": "ip", "ip6": "ipv6", "mpls": "mpls"}.get(kind, f"dl_type={value}"))
        elif name in ("dl_src", "dl_dst"):
            words.append(f"{name}={headers.mac(value)}/{headers.mac(mask)}")
        elif name in ("nw_src", "nw_dst"):
            if kind == "ip6":
                address, name = ipaddress.IPv6Address, name.replace("nw", "ipv6")
            else:
                address = ipaddress.IPv4Address
                name = {"nw_src": "arp_spa", "nw_dst": "arp_tpa"}[name] if kind == "arp" else name
            words.append(f"{name}={address(value)}/{address(mask)}")
        elif name == "nw_proto":
            words.append(f"arp_op={value}" if kind == "arp" else f"nw_proto={value}")
        elif name == "sha":
            words.append(f"arp_sha={headers.mac(value)}")
        elif name == "label":
            words.append(f"ipv6_label={value:#x}")
        elif name == "flags":
            words.append(f"tcp_flags={value:#x}/{mask:#x}")
        elif name == "tp_src" and m.get("nw_proto", (0,))[0] == 1:
            words.append(f"icmp_type={value}")
        elif name in ("vlan_tci", "tp_src", "tp_dst", "metadata", "reg0"):
            words.append(f"{name}={value:#x}/{mask:#x}")
        else:
            words.append(f"{name}={value}")
    return words


def packet_text(number, p):
    """The packet as ofproto/trace wants it."""
    m = {"in_port": (number, 0xffffffff)}
    names = ["dl_src", "dl_dst", "dl_type", "vlan_tci"]
    if p.labels:
        names += ["mpls_label", "mpls_tc", "mpls_ttl", "mpls_bos"]
    elif p.kind != "eth":
        names += ["nw_src", "nw_dst", "nw_proto"]
    if p.l4 and not p.labels:
        names += ["nw_ttl", "nw_tos", "nw_ecn", "tp_src"] + ([] if p.l4 == "icmp" else ["tp_dst"])
    for name in names:
        mask = (1 << 128) - 1 if name in ("nw_src", "nw_dst") and p.kind == "ip6" else \
            {"dl_src": BROADCAST, "dl_dst": BROADCAST, "nw_src": 0xffffffff,
             "nw_dst": 0xffffffff}.get(name, 0xffff)
        m[name] = (p.field(name), mask)
    return ",".join(word.split("/")[0] for word in match_text(m))


def bits(name, first, n):
    return f"{name}[{first}..{first + n - 1}]"


def action_text(action, m):
    name, *words = action
    if name == "set":
        return set_text(*words, m)
    if name == "set_part":
        value, mask = words[1:]
        form = headers.mac if words[0] in ("src", "dst") else \
            ipaddress.IPv6Address if m["dl_type"][0] == headers.TYPES["ip6"] else ipaddress.IPv4Address
        whole = set_text(*words[:2], m)
        return f"set_field:{form(value)}/{form(mask)}->" + whole.split("->")[1]
    if name == "output":
        special = {"reg1": "output:NXM_NX_REG1[]", "in_port": "in_port", "all": "all",
                   "flood": "flood", "normal": "normal"}
        return special.get(words[0], f"output:{words[0]}")
    if name in ("clone", "write"):
        inside = ",".join(action_text(a, m) for a in words[0])
        return f"clone({inside})" if name == "clone" else f"write_actions({inside})"
    if name == "move":
        from_bit, to_bit, n, source, to = words[2:]
        return f"move:{bits(source, from_bit, n)}->{bits(to, to_bit, n)}"
    if name == "load_part":
        return f"load:{words[3]:#x}->" + bits(headers.FIELDS[words[0]][0], *words[1:3])
    if name in ("push", "pop"):
        return f"{name}:{headers.FIELDS[words[0]][0]}[]"
    if name == "resubmit":
        table, port = words if len(words) > 1 else (*words, "")
        return f"resubmit({port},{table})"
    return {"push_vlan": "push_vlan:{0:#x}", "pop_vlan": "pop_vlan", "push_mpls": "push_mpls:0x8847",
            "pop_mpls": "pop_mpls:{0:#x}", "dec_mpls_ttl": "dec_mpls_ttl",
            "load_in_port": "load:{0}->NXM_OF_IN_PORT[]", "conjunction": "conjunction({0},{1}/{2})",
            "goto": "goto_table:{0}", "clear": "clear_actions", "dec_ttl": "dec_ttl",
            "meter": "meter:{0}", "group": "group:{0}", "load": "set_field:{1}->{0}",
            "metadata": "write_metadata:{0}/{1}"}[name].format(*words)


def set_text(name, value, m):
    kind, proto = kind_of(m), m.get("nw_proto", (0,))[0]
    if name in ("src", "dst"):
        return f"set_field:{headers.mac(value)}->eth_{name}"
    if name in ("sha", "tha"):
        return f"set_field:{headers.mac(value)}->arp_{name}"
    if name in ("nw_src", "nw_dst") and kind == "arp":
        return f"set_field:{ipaddress.IPv4Address(value)}->" + ("arp_spa" if name == "nw_src" else "arp_tpa")
    if name in ("nw_src", "nw_dst"):
        address = ipaddress.IPv6Address if kind == "ip6" else ipaddress.IPv4Address
        return f"set_field:{address(value)}->{name.replace('nw', 'ipv6' if kind == 'ip6' else 'ip')}"
    if name in ("tp_src", "tp_dst"):
        field = {1: "icmp_type", 6: name.replace("tp", "tcp"), 17: name.replace("tp", "udp")}[proto]
        return f"set_field:{value}->{field}"
    if name == "vlan_vid":
        return f"set_field:{value | headers.PRESENT}->vlan_vid"
    return f"set_field:{value}->" + {"ttl": "nw_ttl", "dscp": "ip_dscp", "ecn": "nw_ecn",
                                     "label": "ipv6_label"}.get(name, name)


def rule_text(rule, with_actions=True):
    text = ",".join([f"table={rule.table},priority={rule.priority}", *match_text(rule.match)])
    if with_actions:
        text += ",actions=" + ",".join(action_text(a, rule.match) for a in rule.actions)
    return text


def group_text(number, group):
    text = f"group_id={number},type={group.type}"
    for actions_of_it in group.buckets:
        # All ports are up, so it is always the first that serves.
        option = {"select": "weight:10,", "ff": f"watch_port:{actions_of_it[-1][1]},"}
        text += ",bucket=" + option.get(group.type, "") + "actions=" + \
            ",".join(action_text(a, {}) for a in actions_of_it)
    return text
