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
SERVICE = 0x88a8  # the kind of tag that a dot1q-tunnel adds
WALKS = 64  # ways in which groups may choose that are looked at
VISITS = 40  # bridges that one packet comes through
OVS_TAGS = 2  # that OVS knows of a frame


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
    """'peer' is the other end of a patch: a bridge and a number there."""

    def __init__(self, name, number, peer=None):
        self.name, self.number, self.peer = name, number, peer
        self.mode, self.tag, self.trunks = "trunk", 0, None
        self.cvlans = None  # of a tunnel: customers' VLANs, all if None
        self.protected = False

    def carries(self, vlan):
        if self.mode in ("access", "dot1q-tunnel"):
            return vlan == self.tag
        if self.mode.startswith("native") and vlan in (0, self.tag):
            return vlan == self.tag
        return self.trunks is None or vlan in self.trunks


class Group:
    """'type' is all or select; buckets are lists of actions."""

    def __init__(self, kind, buckets):
        self.type, self.buckets = kind, buckets


class Bridge:
    def __init__(self, name):
        self.name = name
        self.ports = {}  # by number
        self.rules = []
        self.groups = {}  # by id


class Memory:
    """What a switch has learnt: addresses, and which bucket of a group a packet goes to."""

    def __init__(self):
        self.macs = {}  # (bridge's name, vlan, mac): number of a port
        self.buckets = {}  # (bridge's name, group, packet): index

    def forget(self, bridge, number=None):
        self.macs = {key: port for key, port in self.macs.items()
                     if key[0] != bridge.name or number not in (None, port)}

    def forget_group(self, bridge, number):
        self.buckets = {key: bucket for key, bucket in self.buckets.items()
                        if key[:2] != (bridge.name, number)}

    def keep(self, walk, sure):
        """What became of a packet; 'sure' if no other way would have looked the same."""
        self.macs.update(walk.learnt)
        if sure:
            self.buckets.update(walk.chosen)


def receive(memory, bridge, number, packet):
    """All that may become of a packet, one walk for each way in which groups may choose. Walks are
    unsure where it may be either: what a packet teaches may be known a moment before it leaves."""
    walks, picks = [], []
    while len(walks) < WALKS:
        walk = Walk(memory, picks, packet)
        walk.enter(bridge, number, packet)
        walk.sent.sort()
        walks.append(walk)
        picks = [pick for pick, _ in walk.picked]
        left = [n for _, n in walk.picked]
        while picks and picks[-1] + 1 == left[-1]:
            picks.pop()
            left.pop()
        if not picks:
            return walks
        picks[-1] += 1
    walks[0].unsure = True
    return walks


class Walk:
    """A packet's way through the bridges, if groups choose the buckets of 'picks'."""

    def __init__(self, memory, picks, packet):
        self.memory, self.picks = memory, picks
        self.whole = packet.bytes()
        self.picked = []  # of how many
        self.chosen = {}  # as Memory.buckets
        self.sent, self.learnt = [], {}  # [(port's name, bytes)]; as Memory.macs
        self.unsure = False
        self.beyond_ovs = False  # of the tags OVS loses some, see below
        self.visits = 0

    def enter(self, bridge, number, packet):
        self.visits += 1
        if self.visits > VISITS:  # round in circles, until a limit that each switch has for itself
            self.unsure = True
            return
        run = Run(self, bridge, number)
        run.packet = packet.copy()
        run.table(0)
        run.actions(run.set_as_list())

    def choose(self, bridge, number, packet, n):
        key = (bridge.name, number, self.whole, packet.bytes())
        known = self.memory.buckets.get(key, self.chosen.get(key))
        if known is None:
            at = len(self.picked)
            known = self.picks[at] if at < len(self.picks) else 0
            self.picked.append((known, n))
        self.chosen[key] = known
        return known


class Run:
    """Its way through the tables of one bridge."""

    def __init__(self, walk, bridge, in_port):
        self.walk, self.bridge, self.in_port = walk, bridge, in_port
        self.packet = None
        self.regs = {"reg0": 0, "reg1": 0, "metadata": 0}
        self.set, self.set_fields = {}, []

    def see(self, name):
        if name == "in_port":
            return self.in_port
        return self.regs[name] if name in self.regs else self.packet.field(name)

    def look_up(self, table):
        best = None
        for rule in self.bridge.rules:
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
        self.walk.unsure |= self.packet.ttl <= 1
        self.packet.ttl = max(0, self.packet.ttl - 1)

    def do_meter(self, number):
        pass

    def do_push_vlan(self, tpid):
        tags = self.packet.tags
        tags.insert(0, (tpid, tags[0][1] if tags else 0))
        # OVS does not copy the priority, as OpenFlow wants.
        self.walk.beyond_ovs |= len(tags) > OVS_TAGS or tags[0][1] >> 13 != 0

    def do_pop_vlan(self):
        del self.packet.tags[:1]

    def do_clone(self, actions):
        # OVS carries out the action set at the end of each copy, too.
        self.walk.beyond_ovs |= bool(self.set_as_list())
        self.on_copy(actions)

    def do_group(self, number):
        group = self.bridge.groups.get(number)
        if not group:
            return
        buckets = group.buckets
        if group.type == "select":
            buckets = [buckets[self.walk.choose(self.bridge, number, self.packet, len(buckets))]]
        for bucket in buckets:
            self.on_copy(bucket)

    def do_output(self, where):
        if where == "in_port":
            self.send(self.in_port)
        elif where == "all":
            for number in self.bridge.ports:
                if number != self.in_port:
                    self.send(number)
        elif where == "normal":
            self.normal()
        elif where == "reg1":
            self.do_output(self.regs["reg1"])
        elif where != self.in_port:
            self.send(where)

    def send(self, number):
        port, came = self.bridge.ports.get(number), self.bridge.ports[self.in_port]
        if port and port.protected and came.protected:
            return
        if port and port.peer:
            self.walk.enter(*port.peer, self.packet)
        elif port:
            self.walk.sent.append((port.name, self.packet.bytes()))

    # The switch of old.

    def normal(self):
        port = self.bridge.ports[self.in_port]
        tags = self.packet.tags
        vid = vid_of(tags)
        inside = tags[1:]
        # OVS loses tags of priority alone and what is behind them, or lets them out of trunk ports.
        self.walk.beyond_ovs |= any(not tci & 0xfff for _, tci in tags)
        if port.mode == "dot1q-tunnel":
            if port.cvlans is not None and vid not in port.cvlans:
                return
            vlan, inside = port.tag, tags
        elif port.mode == "access":
            if vid:
                return
            vlan = port.tag
        else:
            vlan = vid or (0 if port.mode == "trunk" else port.tag)
            if not port.carries(vlan):
                return
        name, learnt = self.bridge.name, self.walk.learnt
        if not self.packet.src >> 40 & 1:
            learnt[name, vlan, self.packet.src] = self.in_port
        key = name, vlan, self.packet.dst
        known = None if self.packet.dst >> 40 & 1 else self.walk.memory.macs.get(key)
        self.walk.unsure |= key in learnt and learnt[key] != known
        for number, out in self.bridge.ports.items():
            if number != self.in_port and out.carries(vlan) and known in (None, number) \
                    and may_hold(out, vid_of(inside)):
                self.send_in(port, out, vlan, inside)

    def send_in(self, port, out, vlan, inside):
        tags = self.packet.tags
        if out.mode == "access":
            # Nothing of what rules see of tags leaves an access port: the inner one is of VLAN 0.
            self.packet.tags = tags[2:]
        elif out.mode == "dot1q-tunnel" or not vlan or \
                (out.mode == "native-untagged" and vlan == out.tag):
            self.packet.tags = inside
        elif port.mode == "dot1q-tunnel":
            self.packet.tags = [(SERVICE, vlan)] + inside
        else:
            tpid, tci = tags[0] if tags else (0x8100, 0)
            self.packet.tags = [(tpid, tci & 0xe000 | vlan)] + inside
        self.walk.beyond_ovs |= len(self.packet.tags) > OVS_TAGS
        self.send(out.number)
        self.packet.tags = tags


def vid_of(tags):
    return tags[0][1] & 0xfff if tags else 0


def may_hold(port, vid):
    """Whether a frame with this VLAN inside its own may leave by the port."""
    if port.mode == "access":
        return not vid
    return port.mode != "dot1q-tunnel" or port.cvlans is None or vid in port.cvlans
