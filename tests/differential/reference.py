# SPDX-License-Identifier: Apache-2.0
"""A switch as simple as can be: it looks at every rule for every packet and remembers nothing but
MAC addresses. What it says is what the specifications say; nothing here is meant to be quick."""

import ipaddress
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "trace"))
import packet as frames  # noqa: E402

TYPES = {"eth": 0x88b5, "arp": 0x0806, "ip": 0x0800, "ip6": 0x86dd}
PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17}
PRESENT = 0x1000


def kind_of(match):
    """What packets a rule is for, if it says so."""
    return {t: k for k, t in TYPES.items()}.get(match.get("dl_type", (0,))[0])


class Packet:
    """Headers as numbers. 'kind' is eth, arp, ip or ip6; 'l4' None, icmp, tcp or udp."""

    def __init__(self, **fields):
        self.src = self.dst = 0
        self.tags = []  # (tpid, tci), outermost first
        self.kind, self.l4 = "eth", None
        self.nw_src = self.nw_dst = self.tp_src = self.tp_dst = self.tos = 0
        self.ttl, self.arp_op = 64, 1
        self.__dict__.update(fields)

    def copy(self):
        return Packet(**{**self.__dict__, "tags": list(self.tags)})

    def bytes(self):
        address = ipaddress.IPv6Address if self.kind == "ip6" else ipaddress.IPv4Address
        both = f"{address(self.nw_src)}>{address(self.nw_dst)}"
        fields = {"src": _mac(self.src), "dst": _mac(self.dst), "tags": self.tags, "labels": [],
                  "ttl": self.ttl, "tos": self.tos}
        if self.kind == "arp":
            # The hardware addresses inside are nobody's business here.
            fields |= {"arp": both, "arpop": self.arp_op, "sha": "02:00:00:00:00:01"}
        elif self.kind != "eth":
            fields[self.kind] = both
        if self.l4 == "icmp":
            fields["icmp"] = f"{self.tp_src}/{self.tp_dst}"
        elif self.l4:
            fields[self.l4] = f"{self.tp_src}>{self.tp_dst}"
        return frames.build(fields)

    def field(self, name):
        """What a rule sees, without its registers."""
        tci = self.tags[0][1] | PRESENT if self.tags else 0
        return {"dl_src": self.src, "dl_dst": self.dst, "dl_type": TYPES[self.kind],
                "vlan_tci": tci, "nw_proto": PROTOCOLS.get(self.l4, self.arp_op),
                "nw_ttl": self.ttl, "nw_tos": self.tos & 0xfc}.get(name) \
            if name not in self.__dict__ else self.__dict__[name]


def _mac(number):
    return ":".join(f"{b:02x}" for b in number.to_bytes(6, "big"))


class Rule:
    """'match' maps names to (value, mask); actions are tuples, executed by Run."""

    def __init__(self, table, priority, match, actions):
        self.table, self.priority, self.match, self.actions = table, priority, match, actions


class Port:
    def __init__(self, name, number):
        self.name, self.number = name, number
        self.mode, self.tag, self.trunks = "trunk", 0, None

    def carries(self, vlan):
        if self.mode == "access":
            return vlan == self.tag
        native = self.mode.startswith("native") and vlan == self.tag
        return native or self.trunks is None or vlan in self.trunks


class Switch:
    def __init__(self):
        self.ports = {}  # by number
        self.rules = []
        self.groups = {}  # id: list of lists of actions
        self.macs = {}  # (vlan, mac): number of a port

    def receive(self, number, packet):
        """Sorted list of (port's name, bytes); None where it may be either: what a packet
        teaches may be known a moment before it leaves."""
        run = Run(self, number)
        run.packet = packet.copy()
        run.table(0)
        run.actions(run.set_as_list())
        self.macs.update(run.learnt)
        return None if run.unsure else sorted(run.sent)

    def forget(self, number):
        self.macs = {key: port for key, port in self.macs.items() if port != number}


class Run:
    """One packet's way through the tables."""

    def __init__(self, switch, in_port):
        self.switch, self.in_port = switch, in_port
        self.packet = None
        self.regs = {"reg0": 0, "reg1": 0, "metadata": 0}
        self.set, self.set_fields = {}, []
        self.sent, self.learnt = [], {}
        self.unsure = False

    def see(self, name):
        if name == "in_port":
            return self.in_port
        return self.regs[name] if name in self.regs else self.packet.field(name)

    def look_up(self, table):
        best = None
        for rule in self.switch.rules:
            if rule.table == table and (not best or rule.priority > best.priority) and all(
                    self.see(name) & mask == value for name, (value, mask) in rule.match.items()):
                best = rule
        return best

    def table(self, number):
        while number is not None:
            rule = self.look_up(number)
            number = self.actions(rule.actions) if rule else None

    def actions(self, actions):
        """Returns the table to go on with, or None."""
        following = None
        for name, *words in actions:
            following = getattr(self, "do_" + name)(*words) or following
        return following

    def set_as_list(self):
        order = ["pop_vlan", "push_vlan", "fields", "group", "output"]
        if "group" in self.set:
            self.set.pop("output", None)
        actions = []
        for slot in order:
            if slot == "fields":
                actions += self.set_fields
            elif slot in self.set:
                actions.append(self.set[slot])
        return actions

    def on_copy(self, actions):
        kept = self.packet.copy(), dict(self.regs), dict(self.set), list(self.set_fields)
        self.actions(actions)
        self.packet, self.regs, self.set, self.set_fields = kept

    # Actions.

    def do_goto(self, table):
        return table

    def do_resubmit(self, table):
        self.table(table)

    def do_write(self, actions):
        for action in actions:
            if action[0] == "set":
                self.set_fields.append(action)
            else:
                self.set[action[0]] = action

    def do_clear(self):
        self.set, self.set_fields = {}, []

    def do_load(self, name, value):
        self.regs[name] = value

    def do_metadata(self, value, mask):
        self.regs["metadata"] = self.regs["metadata"] & ~mask | value & mask

    def do_set(self, name, value):
        if name == "vlan_vid":
            tpid, tci = self.packet.tags[0]
            self.packet.tags[0] = tpid, tci & 0xf000 | value
        else:
            setattr(self.packet, name, value)

    def do_dec_ttl(self):
        # What becomes of a packet at its end of life depends on controllers.
        self.unsure |= self.packet.ttl <= 1
        self.packet.ttl = max(0, self.packet.ttl - 1)

    def do_meter(self, number):
        pass

    def do_push_vlan(self, tpid):
        tags = self.packet.tags
        tags.insert(0, (tpid, tags[0][1] if tags else 0))

    def do_pop_vlan(self):
        del self.packet.tags[:1]

    def do_clone(self, actions):
        self.on_copy(actions)

    def do_group(self, number):
        for bucket in self.switch.groups.get(number, []):
            self.on_copy(bucket)

    def do_output(self, where):
        if where == "in_port":
            self.send(self.in_port)
        elif where == "all":
            for number in self.switch.ports:
                if number != self.in_port:
                    self.send(number)
        elif where == "normal":
            self.normal()
        elif where == "reg1":
            self.do_output(self.regs["reg1"])
        elif where != self.in_port:
            self.send(where)

    def send(self, number):
        if number in self.switch.ports:
            self.sent.append((self.switch.ports[number].name, self.packet.bytes()))

    # The switch of old.

    def normal(self):
        port = self.switch.ports[self.in_port]
        tags = self.packet.tags
        vid = tags[0][1] & 0xfff if tags else 0
        if port.mode == "access":
            if vid:
                return
            vlan = port.tag
        else:
            vlan = vid or (0 if port.mode == "trunk" else port.tag)
            if not port.carries(vlan):
                return
        if not self.packet.src >> 40 & 1:
            self.learnt[vlan, self.packet.src] = self.in_port
        known = None if self.packet.dst >> 40 & 1 else \
            self.switch.macs.get((vlan, self.packet.dst))
        taught = self.learnt.get((vlan, self.packet.dst))
        self.unsure |= taught is not None and taught != known
        for number, out in self.switch.ports.items():
            if number != self.in_port and out.carries(vlan) and known in (None, number) \
                    and not (out.mode == "access" and self.inner_vlan()):
                self.send_in(out, vlan)

    def inner_vlan(self):
        return self.packet.tags[1][1] & 0xfff if len(self.packet.tags) > 1 else 0

    def send_in(self, out, vlan):
        tags = self.packet.tags
        inside = tags[1:]
        bare = out.mode == "access" or not vlan or \
            (out.mode == "native-untagged" and vlan == out.tag)
        tpid, tci = tags[0] if tags else (0x8100, 0)
        self.packet.tags = inside if bare else [(tpid, tci & 0xe000 | vlan)] + inside
        self.send(out.number)
        self.packet.tags = tags
