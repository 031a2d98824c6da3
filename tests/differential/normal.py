# SPDX-License-Identifier: Apache-2.0
"""What the action NORMAL does: the switch of old, with its VLANs."""

OVS_TAGS = 2  # that OVS knows of a frame
ANYWHERE = -1  # where an address is that one packet has come from by several ports


class Normal:
    """A part of reference.Run."""

    def normal(self):
        port = self.bridge.ports.get(self.in_port)
        if not port:
            return
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
        key = name, vlan, self.packet.src
        if not self.packet.src >> 40 & 1:
            learnt[key] = self.in_port if learnt.get(key) in (None, self.in_port) else ANYWHERE
        key = name, vlan, self.packet.dst
        known = None if self.packet.dst >> 40 & 1 else self.walk.memory.macs.get(key)
        self.walk.unsure |= known == ANYWHERE or key in learnt and learnt[key] != known
        for number, out in self.bridge.ports.items():
            if number != self.in_port and out.carries(vlan) and may_hold(out, vid_of(inside)) \
                    and (known == number or known is None and "no-flood" not in out.flags):
                self.send_in(port, out, vlan, inside)

    def send_in(self, port, out, vlan, inside):
        tags = self.packet.tags
        if out.mode == "access":
            # Nothing of what rules see of tags leaves an access port: the inner one is of VLAN 0.
            self.packet.tags = self.with_priority(out, tags[2:])
        elif out.mode == "dot1q-tunnel":
            self.packet.tags = inside
        elif not vlan or (out.mode == "native-untagged" and vlan == out.tag):
            self.packet.tags = self.with_priority(out, inside)
        elif port.mode == "dot1q-tunnel":
            priority = tags[0][1] & 0xe000 if tags and out.priority_tags != "never" else 0
            self.packet.tags = [(port.service, priority | vlan)] + inside
        else:
            tpid, tci = tags[0] if tags else (0x8100, 0)
            self.packet.tags = [(tpid, tci & 0xe000 | vlan)] + inside
        self.walk.beyond_ovs |= len(self.packet.tags) > OVS_TAGS
        self.send(out.number)
        self.packet.tags = tags

    def with_priority(self, out, left):
        """The tags that are left, behind a tag of VLAN 0 if the port wants one."""
        tags = self.packet.tags
        priority = tags[0][1] & 0xe000 if tags else 0
        wants = out.priority_tags == "always" or out.priority_tags == "if-nonzero" and priority
        # There is no saying what a frame should be that has another tag inside.
        self.walk.unsure |= bool(wants and left)
        self.walk.beyond_ovs |= bool(wants)
        return [(0x8100, priority)] + left if wants else left


def vid_of(tags):
    return tags[0][1] & 0xfff if tags else 0


def may_hold(port, vid):
    """Whether a frame with this VLAN inside its own may leave by the port."""
    if port.mode == "access":
        return not vid
    return port.mode != "dot1q-tunnel" or port.cvlans is None or vid in port.cvlans
