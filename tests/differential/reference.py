# SPDX-License-Identifier: Apache-2.0
"""A switch as simple as can be: it looks at every rule for every packet and remembers nothing but
MAC addresses. What it says is what the specifications say; nothing here is meant to be quick."""

import normal

SERVICE = 0x88a8  # the kind of tag that a dot1q-tunnel adds, unless it is told
LABELS = 3  # that switches know of a packet
INSIDE = ("nw_src", "nw_dst", "tp_src", "tp_dst", "ttl", "dscp", "ecn", "label", "arp_op", "sha", "tha")
WALKS = 64  # ways in which groups may choose that are looked at
WIDTHS = {"src": 48, "dst": 48}  # of fields, if not that of a register
VISITS = 40  # bridges that one packet comes through


class Rule:
    """'match' maps names to (value, mask); actions are tuples, executed by Run."""

    def __init__(self, table, priority, match, actions):
        self.table, self.priority, self.match, self.actions = table, priority, match, actions

    def clause(self):
        """The id, number and how many there are, if it is one of several dimensions."""
        return self.actions[0][1:] if self.actions[0][0] == "conjunction" else None


class Port:
    """'peer' is the other end of a patch: a bridge and a number there."""

    def __init__(self, name, number, peer=None):
        self.name, self.number, self.peer = name, number, peer
        self.mode, self.tag, self.trunks = "trunk", 0, None
        self.cvlans = None  # of a tunnel: customers' VLANs, all if None
        self.service = SERVICE
        self.protected = False
        self.priority_tags = "never"
        self.flags = set()  # of OpenFlow: no-flood, no-forward, no-receive

    def carries(self, vlan):
        if self.mode in ("access", "dot1q-tunnel"):
            return vlan == self.tag
        if self.mode.startswith("native") and vlan in (0, self.tag):
            return vlan == self.tag
        return self.trunks is None or vlan in self.trunks


class Group:
    """'type' is all, select, indirect or ff; buckets are lists of actions."""

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
        if "no-receive" in bridge.ports[number].flags:
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


class Run(normal.Normal):
    """Its way through the tables of one bridge."""

    def __init__(self, walk, bridge, in_port):
        self.walk, self.bridge, self.in_port = walk, bridge, in_port
        self.packet = None
        self.regs = {"reg0": 0, "reg1": 0, "metadata": 0, "conj_id": 0}
        self.set, self.set_fields = {}, []
        self.stack = []

    def see(self, name):
        if name == "in_port":
            return self.in_port
        return self.regs[name] if name in self.regs else self.packet.field(name)

    def look_up(self, table):
        fitting = [rule for rule in self.bridge.rules if rule.table == table and all(
            self.see(name) & mask == value for name, (value, mask) in rule.match.items())]
        fitting.sort(key=lambda rule: rule.priority)
        if self.regs["conj_id"]:  # what has the match of a clause before it is not seen
            first = {frozenset(rule.match.items()): rule for rule in fitting}
            fitting = [rule for rule in fitting if not first[frozenset(rule.match.items())].clause()]
        plain = [rule for rule in fitting if not rule.clause()]
        best = plain[-1] if plain else None
        for priority in sorted({rule.priority for rule in fitting if rule.clause()}, reverse=True):
            if self.regs["conj_id"] or best and best.priority >= priority:
                break
            clauses = [rule.clause() for rule in fitting if rule.clause() and rule.priority == priority]
            number, _, n = clauses[0]
            if len({clause[1] for clause in clauses}) == n:
                self.regs["conj_id"] = number
                found = self.look_up(table)
                self.regs["conj_id"] = 0
                if found:
                    return found
        return best

    def table(self, number, port=None):
        """'port' stands in for where the packet came in when the first rule is looked for."""
        in_port = self.in_port
        self.in_port = in_port if port is None else port
        rule = self.look_up(number)
        self.in_port = in_port
        while rule:
            number = self.actions(rule.actions)
            rule = self.look_up(number) if number is not None else None

    def actions(self, actions):
        """Returns the table to go on with, or None."""
        following = None
        for name, *words in actions:
            following = getattr(self, "do_" + name)(*words) or following
        return following

    def set_as_list(self):
        order = ["pop_vlan", "push_vlan", "dec_ttl", "fields", "group", "output"]
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
        kept = self.packet.copy(), dict(self.regs), dict(self.set), list(self.set_fields), \
            list(self.stack), self.in_port
        self.actions(actions)
        self.packet, self.regs, self.set, self.set_fields, self.stack, self.in_port = kept

    # Actions.

    def do_goto(self, table):
        return table

    def do_resubmit(self, table, port=None):
        self.table(table, port)

    def do_write(self, actions):
        for action in actions:
            if action[0] in ("set", "set_part"):
                self.set_fields.append(action)
            else:
                self.set[action[0]] = action

    def do_clear(self):
        self.set, self.set_fields = {}, []

    def do_load(self, name, value):
        self.regs[name] = value

    def do_metadata(self, value, mask):
        self.regs["metadata"] = self.regs["metadata"] & ~mask | value & mask

    def do_load_part(self, name, first, n, value):
        mask = (1 << n) - 1 << first
        self.write(name, self.see(name) & ~mask | value << first)

    def do_load_in_port(self, number):
        self.in_port = number

    def do_move(self, source, to, from_bit, to_bit, n, *names):
        value = self.see(source) >> from_bit & (1 << n) - 1
        self.do_load_part(to, to_bit, n, value)

    def do_push(self, name):
        self.stack.append(self.see(name))

    def do_pop(self, name):
        if self.stack:
            self.write(name, self.stack.pop() & (1 << WIDTHS.get(name, 32)) - 1)

    def do_conjunction(self, number, clause, n):
        pass

    def write(self, name, value):
        if name in self.regs:
            self.regs[name] = value
        else:
            self.do_set(name, value)

    def do_set_part(self, name, value, mask):
        self.do_set(name, self.see(name) & ~mask | value)

    def do_set(self, name, value):
        packet = self.packet
        if packet.labels and name in INSIDE or name[:4] == "mpls" and not packet.labels:
            return  # the packet has no such field, or none that a switch sees
        if name in ("vlan_vid", "vlan_pcp"):
            if packet.tags:
                tpid, tci = packet.tags[0]
                packet.tags[0] = tpid, tci & 0xf000 | value if name == "vlan_vid" \
                    else tci & 0x1fff | value << 13
        elif name[:4] == "mpls":
            at, n = {"mpls_label": (12, 20), "mpls_tc": (9, 3), "mpls_ttl": (0, 8)}[name]
            packet.labels[0] = packet.labels[0] & ~((1 << n) - 1 << at) | value << at
        elif name in ("dscp", "ecn"):
            packet.tos = packet.tos & 3 | value << 2 if name == "dscp" else packet.tos & 0xfc | value
        else:
            setattr(packet, name, value)

    def do_push_mpls(self):
        packet = self.packet
        # The first has the TTL of IP, and the part of its DSCP for which there is room.
        packet.labels.insert(0, packet.labels[0] if packet.labels else
                             (packet.tos >> 2 & 7) << 9 | packet.ttl)
        self.walk.unsure |= len(packet.labels) > LABELS

    def do_pop_mpls(self, tpid):
        del self.packet.labels[:1]

    def do_dec_mpls_ttl(self):
        if self.packet.labels:
            self.walk.unsure |= self.packet.labels[0] & 0xff <= 1
            self.packet.labels[0] -= self.packet.labels[0] & 0xff > 0

    def do_dec_ttl(self):
        if self.packet.labels:
            return
        # What becomes of a packet at its end of life depends on controllers.
        self.walk.unsure |= self.packet.ttl <= 1
        self.packet.ttl = max(0, self.packet.ttl - 1)

    def do_meter(self, number):
        pass

    def do_push_vlan(self, tpid):
        tags = self.packet.tags
        tags.insert(0, (tpid, tags[0][1] if tags else 0))
        # OVS does not copy the priority, as OpenFlow wants.
        self.walk.beyond_ovs |= len(tags) > normal.OVS_TAGS or tags[0][1] >> 13 != 0

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
        if group.type == "ff":
            buckets = buckets[:1]
        if group.type == "select":
            buckets = [buckets[self.walk.choose(self.bridge, number, self.packet, len(buckets))]]
        for bucket in buckets:
            self.on_copy(bucket)

    def do_output(self, where):
        if where == "in_port":
            self.send(self.in_port)
        elif where in ("all", "flood"):
            for number, port in self.bridge.ports.items():
                if number != self.in_port and (where == "all" or "no-flood" not in port.flags):
                    self.send(number)
        elif where == "normal":
            self.normal()
        elif where == "reg1":
            # Some numbers stand for more than a port.
            self.walk.unsure |= 0xff00 <= self.regs["reg1"] < 0xffff
            self.do_output(self.regs["reg1"])
        elif where != self.in_port:
            self.send(where)

    def send(self, number):
        port, came = self.bridge.ports.get(number), self.bridge.ports.get(self.in_port)
        if port and ("no-forward" in port.flags or port.protected and came and came.protected):
            return
        if port and port.peer:
            self.walk.enter(*port.peer, self.packet)
        elif port:
            self.walk.sent.append((port.name, self.packet.bytes()))
