# SPDX-License-Identifier: Apache-2.0
"""Packets as numbers: what rules see of them, and their bytes."""

import ipaddress
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "trace"))
import packet as frames  # noqa: E402

TYPES = {"eth": 0x88b5, "arp": 0x0806, "ip": 0x0800, "ip6": 0x86dd, "mpls": 0x8847}
PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17}
PRESENT = 0x1000
BROADCAST = 0xffffffffffff

# What may be moved, with its name in OpenFlow and its width; what is behind IP and the like only
# where a rule is for such packets.
MOVED = {"src": ("NXM_OF_ETH_SRC", 48), "dst": ("NXM_OF_ETH_DST", 48), "reg0": ("NXM_NX_REG0", 32),
         "reg1": ("NXM_NX_REG1", 32), "metadata": ("OXM_OF_METADATA", 64)}
MOVED_FROM = {"vlan_tci": ("NXM_OF_VLAN_TCI", 16), "in_port": ("NXM_OF_IN_PORT", 16)}
MOVED_IP = {"nw_src": ("NXM_OF_IP_SRC", 32), "nw_dst": ("NXM_OF_IP_DST", 32),
            "ttl": ("NXM_NX_IP_TTL", 8)}
MOVED_IP6 = {"nw_src": ("NXM_NX_IPV6_SRC", 128), "nw_dst": ("NXM_NX_IPV6_DST", 128),
             "ttl": ("NXM_NX_IP_TTL", 8)}
MOVED_L4 = {6: {"tp_src": ("NXM_OF_TCP_SRC", 16), "tp_dst": ("NXM_OF_TCP_DST", 16)},
            17: {"tp_src": ("NXM_OF_UDP_SRC", 16), "tp_dst": ("NXM_OF_UDP_DST", 16)}}
FIELDS = {**MOVED, **MOVED_FROM}


def kind_of(match):
    """What packets a rule is for, if it says so."""
    return {t: k for k, t in TYPES.items()}.get(match.get("dl_type", (0,))[0])


class Packet:
    """Headers as numbers. 'kind' is eth, arp, ip or ip6; 'l4' None, icmp, tcp or udp."""

    def __init__(self, **fields):
        self.src = self.dst = 0
        self.tags = []  # (tpid, tci), outermost first
        self.kind, self.l4 = "eth", None
        self.nw_src = self.nw_dst = self.tp_src = self.tp_dst = self.tos = self.label = 0
        self.ttl, self.arp_op, self.flags = 64, 1, 0
        self.sha = self.tha = 0
        self.labels = []  # entries without the bottom's mark, outermost first
        self.__dict__.update(fields)

    def copy(self):
        return Packet(**{**self.__dict__, "tags": list(self.tags), "labels": list(self.labels)})

    def bytes(self):
        address = ipaddress.IPv6Address if self.kind == "ip6" else ipaddress.IPv4Address
        both = f"{address(self.nw_src)}>{address(self.nw_dst)}"
        fields = {"src": mac(self.src), "dst": mac(self.dst), "tags": self.tags,
                  "labels": self.labels, "ttl": self.ttl, "tos": self.tos, "label": str(self.label),
                  "flags": str(self.flags)}
        if self.kind == "arp":
            fields |= {"arp": both, "arpop": self.arp_op, "sha": mac(self.sha), "tha": mac(self.tha)}
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
        entry = self.labels[0] if self.labels else 0
        return {"dl_src": self.src, "dl_dst": self.dst,
                "dl_type": TYPES["mpls" if self.labels else self.kind],
                "vlan_tci": tci, "nw_proto": PROTOCOLS.get(self.l4, self.arp_op),
                "nw_ttl": self.ttl, "nw_tos": self.tos & 0xfc, "nw_ecn": self.tos & 3,
                "mpls_label": entry >> 12, "mpls_tc": entry >> 9 & 7, "mpls_ttl": entry & 0xff,
                "mpls_bos": int(len(self.labels) == 1)}.get(name) \
            if name not in self.__dict__ else self.__dict__[name]


def mac(number):
    return ":".join(f"{b:02x}" for b in number.to_bytes(6, "big"))
