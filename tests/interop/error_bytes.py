# SPDX-License-Identifier: Apache-2.0
"""Wrong messages as bytes, for errors.py: pieces to make them of, and the list of what provokes which
error."""
import struct

ALL, TABLES, PROPERTIES, LAST = ("10", "13", "14", "15"), ("13", "14", "15"), ("14", "15"), ("15",)
ANY = 0xffffffff
NICIRA, ONF, NOBODY = 0x2320, 0x4f4e4600, 0x12345678
pack = struct.pack
provocations = []  # (error, versions, function of the peer that returns (message type, body))


def error(name, versions=ALL):
    """Marks a function as what provokes the error in these versions."""
    def add(function):
        provocations.append((name, versions, function))
        return function
    return add


def oxm(field, value, mask=None, cls=0x8000):
    return pack("!HBB", cls, field << 1 | (mask is not None),
                len(value) + len(mask or b"")) + value + (mask or b"")


def match(*fields, kind=1):
    body = b"".join(fields)
    return pack("!HH", kind, 4 + len(body)) + body + bytes(-(4 + len(body)) % 8)


def output(port, version=13):
    return pack("!HHHH", 0, 8, port, 0) if version == 10 else pack("!HHIH6x", 0, 16, port, 0)


def set_field(header):
    return pack("!HH", 25, (4 + len(header) + 7) // 8 * 8) + header + bytes(-(4 + len(header)) % 8)


def apply_actions(*actions):
    body = b"".join(actions)
    return pack("!HH4x", 4, 8 + len(body)) + body


def flow(fields=b"", instructions=b"", table=0, command=0, priority=1, flags=0):
    """OpenFlow 1.3 and later; 1.0 has flow10()."""
    return 14, pack("!QQBBHHHIIIHxx", 0, 0, table, command, 0, 0, priority, ANY, ANY, ANY, flags) + (
        fields or match()) + instructions


def flow10(actions=b"", command=0, flags=0, idle=0, wildcards=0x3fffff):
    return 14, pack("!I36x", wildcards) + pack("!QHHHHIHH", 0, command, idle, 0, 1, ANY, 0xffff,
                                               flags) + actions


def with_action(peer, action):
    return flow10(action) if peer.number == "10" else flow(instructions=apply_actions(action))


def multipart(peer, kind, body=b"", flags=0):
    if peer.number == "10":
        return 16, pack("!HH", kind, flags) + body
    return 18, pack("!HH4x", kind, flags) + body


def group(peer, command=0, kind=0, number=1, buckets=(), bucket_id=ANY):
    body = b"".join(buckets)
    if peer.number == "15":
        return 15, pack("!HBxIHxxI", command, kind, number, len(body), bucket_id) + body
    return 15, pack("!HBxI", command, kind, number) + body


def bucket(peer, *actions, number=0, watch=ANY):
    body = b"".join(actions)
    if peer.number == "15":
        more = b"" if watch == ANY else pack("!HHI", 1, 8, watch)
        return pack("!HHI", 8 + len(body) + len(more), len(body), number) + body + more
    return pack("!HHII4x", 16 + len(body), 0, watch, ANY) + body


def to_group(number):
    return pack("!HHI", 22, 8, number)


def port_mod(peer, number=1, address=None, config=0, more=b""):
    address = address or peer.addresses[number]
    if peer.number == "10":
        return 15, pack("!H6sIII4x", number, address, config, config, 0)
    body = pack("!I4x6sxxII", number, address, config, config)
    return 16, body + (pack("!I4x", 0) if peer.number == "13" else more)


def meter(command=0, flags=1, number=1, bands=None):
    drop = pack("!HHII4x", 1, 16, 100, 0)
    return 29, pack("!HHI", command, flags, number) + (drop if bands is None else bands)


def bundle(peer, number=1, kind=0, flags=1):
    body = pack("!IHH", number, kind, flags)
    return (4, pack("!II", ONF, 2300) + body) if peer.number == "13" else (33, body)


def bundled(peer, number=1, flags=1, inner=None, xid=None):
    """The message inside carries the xid of the one around it, as it must."""
    kind, data = inner or flow(match(oxm(0, pack("!I", 1))), b"")
    xid = peer.xid + 1 if xid is None else xid
    message = pack("!BBHI", peer.o.OFP_VERSION, kind, 8 + len(data), xid) + data
    body = pack("!IxxH", number, flags) + message
    return (4, pack("!II", ONF, 2301) + body) if peer.number == "13" else (34, body)
