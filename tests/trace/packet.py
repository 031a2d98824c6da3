# SPDX-License-Identifier: Apache-2.0
"""Packets in words: 'a>b vlan=10 ip=10.0.0.1>10.0.0.2 udp=1>2' to bytes, and bytes to words.

    a>b                 Ethernet source and destination: one letter or two is the end of the address
                        02:00:00:00:00:XX; '*' is broadcast; full addresses are fine too
    vlan=VID[/PCP]      an 802.1Q tag, outermost first; svlan=VID[/PCP] one of 802.1ad
    untagged            no tag at all (for expectations)
    arp=IP>IP           an ARP request; arpop=N another operation, sha=MAC, tha=MAC
    ip=A>B, ip6=A>B     IPv4, IPv6; ttl=N, tos=N of either, label=N of IPv6
    exthdr=NAME+NAME…   IPv6 extension headers, by the names below
    udp=S>D tcp=S>D sctp=S>D icmp=TYPE[/CODE]     what is in them; flags=N of TCP (default SYN)
    igmp=TYPE/GROUP, mld=TYPE/GROUP     and of the third version igmp=34/RECORD@GROUP/…, mld=143/…
    ns=IP, na=IP        neighbour solicitation, advertisement for this target; sll=MAC, tll=MAC are
                        options, ndr=N the reserved word
    mpls=LABEL[/TC[/TTL]]         a label around the rest, outermost first; nompls none at all
    pbb=ISID[/UCA]      a service tag; inner=a>b the addresses of the frame inside; nopbb none
    type=0x88cc         another Ethernet type (default 0x88b5, for experiments)
    len=N               bytes of payload (default 46)
    raw=HEX             the whole frame; nothing else then
    vxlan=VNI           what stands before it is the outer packet of a tunnel, what follows the one
                        inside; geneve=VNI[/OPTIONS], gre=KEY and gre (no key) likewise. OPTIONS
                        are hexadecimal, and so is all of erspan=HEADER. The outer packet has
                        DF unless it says 'nodf', and no UDP checksum in IPv4 unless it says 'csum'
    gpe=VNI             a tunnel of VXLAN whose header says what is inside
    l3                  behind gre or gpe: what is inside has no Ethernet header
    id4=N               the identification of an IPv4 packet
    bare                only what is inside (for expectations)
"""

import ipaddress
import re
import struct

ETH_ARP, ETH_IP, ETH_IP6, ETH_VLAN, ETH_SVLAN = 0x0806, 0x0800, 0x86dd, 0x8100, 0x88a8
ETH_MPLS, ETH_PBB = 0x8847, 0x88e7
PLAIN = ("arp", "arpop", "sha", "tha", "ip", "ip6", "label", "exthdr", "udp", "tcp", "sctp", "icmp",
         "flags", "ns", "na", "sll", "tll", "ndr", "pbb", "inner", "type", "len", "ttl", "tos", "raw",
         "id4", "igmp", "mld")
EXTENSIONS = {"hop": 0, "routing": 43, "frag": 44, "esp": 50, "auth": 51, "none": 59, "dest": 60}
ETH_TEB = 0x6558
TUNNELS = ("vxlan", "geneve", "gre", "erspan", "gpe")
GPE_NUMBERS = {ETH_IP: 1, ETH_IP6: 2, ETH_TEB: 3, ETH_MPLS: 5}


def mac_bytes(word):
    if word == "*":
        return b"\xff" * 6
    if re.fullmatch(r"[0-9a-f]{1,2}", word):
        return bytes([2, 0, 0, 0, 0, int(word, 16)])
    return bytes(int(part, 16) for part in word.split(":"))


def mac_word(data):
    if data == b"\xff" * 6:
        return "*"
    if data[:5] == b"\x02\0\0\0\0":
        return f"{data[5]:x}"
    return ":".join(f"{b:02x}" for b in data)


def parse(words):
    """Words to fields; a later word replaces an earlier of its name, tags add up."""
    fields = {"tags": [], "labels": []}
    for word in words:
        name, _, value = word.partition("=")
        if name in ("vlan", "svlan"):
            vid, _, pcp = value.partition("/")
            tpid = ETH_VLAN if name == "vlan" else ETH_SVLAN
            fields["tags"].append((tpid, int(vid) | int(pcp or 0) << 13))
        elif name == "untagged":
            fields["tags"] = []
        elif name == "mpls":
            label, tc, ttl = (list(map(int, value.split("/"))) + [0, 64][value.count("/"):])[:3]
            fields["labels"].append(label << 12 | tc << 9 | ttl)
        elif name == "nompls":
            fields["labels"] = []
        elif name == "nopbb":
            fields["pbb"] = None
        elif name in TUNNELS:
            fields = {"tags": [], "labels": [], "outer": {**fields, "tunnel": name, "id": value}}
        elif word == "bare":
            fields["outer"] = None
        elif word in ("nodf", "csum", "l3"):
            fields[word] = True
        elif ">" in word and "=" not in word:
            fields["src"], fields["dst"] = word.split(">")
        elif name in PLAIN:
            fields[name] = value
        else:
            raise ValueError(f"'{word}' is no part of a packet")
    return fields


def tag_words(text):
    """'s10+20/5' to the words of parse(): 'svlan=10', 'vlan=20/5'."""
    if text == "untagged":
        return []
    return [f"svlan={tag[1:]}" if tag.startswith("s") else f"vlan={tag}" for tag in text.split("+")]


def tags_of(frame):
    """The tags of a frame, as tag_words() takes them."""
    words = [word.split("=")[1] if word[0] == "v" else "s" + word.split("=")[1]
             for word in describe(frame).split() if re.match("s?vlan=", word)]
    return "+".join(words) or "untagged"


def override(fields, words):
    """The fields with those that 'words' name replaced; any tag replaces all tags, any label all
    labels."""
    changed = parse(words)
    marks = [i for i, word in enumerate(words) if word.partition("=")[0] in TUNNELS]
    words = words[marks[-1] + 1:] if marks else words
    tagged = any(word == "untagged" or word.startswith(("vlan=", "svlan=")) for word in words)
    if not tagged:
        changed["tags"] = fields["tags"]
    if not any(word.startswith(("mpls=", "nompls")) for word in words):
        changed["labels"] = fields["labels"]
    return {**fields, **changed}


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def with_checksum(data, at, pseudo=b""):
    return data[:at] + struct.pack("!H", checksum(pseudo + data)) + data[at + 2:]


def membership(fields, pseudo):
    """IGMP or MLD, as transport() has it."""
    six = "mld" in fields
    address = ipaddress.IPv6Address if six else ipaddress.IPv4Address
    kind, _, rest = fields["mld" if six else "igmp"].partition("/")
    groups = rest.split("/")
    if int(kind) in (34, 143):
        data = struct.pack("!BBHHH", int(kind), 0, 0, 0, len(groups))
        for group in groups:
            record, _, group = group.partition("@")
            data += struct.pack("!BBH", int(record), 0, 0) + address(group).packed
    else:
        data = struct.pack("!BBHHH" if six else "!BBH", int(kind), 0, 0, *([0, 0] if six else []))
        data += address(groups[0]).packed
    if six:
        return 58, with_checksum(data, 2, pseudo(58, len(data)))
    return 2, with_checksum(data, 2)


def transport(fields, payload, pseudo):
    """(protocol, bytes) of what IP carries; 'pseudo' makes the pseudo header."""
    if "udp" in fields:
        ports = map(int, fields["udp"].split(">"))
        data = struct.pack("!HHHH", *ports, 8 + len(payload), 0) + payload
        if "tunnel" in fields and "ip" in fields and "csum" not in fields:
            return 17, data
        return 17, with_checksum(data, 6, pseudo(17, len(data)))
    if "tcp" in fields:
        ports = map(int, fields["tcp"].split(">"))
        data = struct.pack("!HHIIBBHHH", *ports, 1, 0, 0x50,
                           int(fields.get("flags", "2"), 0), 1024, 0, 0) + payload
        return 6, with_checksum(data, 16, pseudo(6, len(data)))
    if "sctp" in fields:
        ports = map(int, fields["sctp"].split(">"))
        data = struct.pack("!HHII", *ports, 7, 0) + payload
        return 132, data[:8] + struct.pack("<I", crc32c(data)) + data[12:]
    if "ns" in fields or "na" in fields:
        data = struct.pack("!BBHI", 135 if "ns" in fields else 136, 0, 0, int(fields.get("ndr", 0)))
        data += ipaddress.IPv6Address(fields.get("ns") or fields["na"]).packed
        for kind, name in ((1, "sll"), (2, "tll")):
            data += bytes([kind, 1]) + mac_bytes(fields[name]) if name in fields else b""
        return 58, with_checksum(data, 2, pseudo(58, len(data)))
    if "igmp" in fields or "mld" in fields:
        return membership(fields, pseudo)
    if "icmp" in fields:
        kind, _, code = fields["icmp"].partition("/")
        data = struct.pack("!BBHHH", int(kind), int(code or 0), 0, 1, 1) + payload
        if "ip6" in fields:
            return 58, with_checksum(data, 2, pseudo(58, len(data)))
        return 1, with_checksum(data, 2)
    if fields.get("tunnel") in ("gre", "erspan"):
        return 47, payload
    return 253, payload


def extended(fields, protocol, data):
    """(protocol, bytes) with extension headers in front."""
    for name in reversed(fields.get("exthdr", "").split("+")):
        if name in ("esp", "none"):
            protocol, data = EXTENSIONS[name], b""
        elif name:
            size = 1 if name == "auth" else 0  # either makes eight or twelve bytes
            protocol, data = EXTENSIONS[name], \
                bytes([protocol, size]) + b"\0" * (10 if name == "auth" else 6) + data
    return protocol, data


def has_critical(options):
    while len(options) >= 4:
        if options[2] & 0x80:
            return True
        options = options[4 + (options[3] & 0x1f) * 4:]
    return False


def tunnel_header(fields, inner_type):
    """What stands between UDP (or IP) and the packet inside."""
    if fields["tunnel"] == "erspan":
        return bytes.fromhex(fields["id"])
    if fields["tunnel"] == "gre" and not fields["id"]:
        return struct.pack("!HH", 0, inner_type)
    number, _, options = fields["id"].partition("/")
    number = int(number)
    if fields["tunnel"] == "gre":
        return struct.pack("!HHI", 0x2000, inner_type, number)
    if fields["tunnel"] == "gpe":
        return struct.pack("!HBBI", 0x0c00, 0, GPE_NUMBERS.get(inner_type, 0), number << 8)
    if fields["tunnel"] == "vxlan":
        return struct.pack("!II", 0x08000000, number << 8)
    options = bytes.fromhex(options)
    flags = 0x40 if has_critical(options) else 0
    return struct.pack("!BBHI", len(options) // 4, flags, ETH_TEB, number << 8) + options


def network(fields, payload):
    """(Ethernet type, bytes) of what is inside the tags."""
    ttl, tos = int(fields.get("ttl", 64)), int(fields.get("tos", 0))
    if "arp" in fields:
        src, dst = (ipaddress.IPv4Address(a).packed for a in fields["arp"].split(">"))
        return ETH_ARP, struct.pack("!HHBBH", 1, ETH_IP, 6, 4, int(fields.get("arpop", 1))) \
            + mac_bytes(fields.get("sha", fields["src"])) + src \
            + mac_bytes(fields.get("tha", "00:00:00:00:00:00")) + dst + b"\0" * 18
    if "ip" in fields:
        src, dst = (ipaddress.IPv4Address(a).packed for a in fields["ip"].split(">"))
        protocol, data = transport(
            fields, payload, lambda proto, n: src + dst + struct.pack("!HH", proto, n))
        df = 0x4000 if "tunnel" in fields and "nodf" not in fields else 0
        number = int(fields.get("id4", 0))
        head = struct.pack("!BBHHHBBH", 0x45, tos, 20 + len(data), number, df, ttl, protocol, 0)
        return ETH_IP, with_checksum(head + src + dst, 10) + data
    if "ip6" in fields:
        src, dst = (ipaddress.IPv6Address(a).packed for a in fields["ip6"].split(">"))
        protocol, data = transport(
            fields, payload, lambda proto, n: src + dst + struct.pack("!II", n, proto))
        protocol, data = extended(fields, protocol, data)
        first = 6 << 28 | tos << 20 | int(fields.get("label", "0"), 0)
        head = struct.pack("!IHBB", first, len(data), protocol, ttl)
        return ETH_IP6, head + src + dst + data
    return int(fields.get("type", "0x88b5"), 0), payload


def build(fields):
    if "raw" in fields:
        return bytes.fromhex(fields["raw"])
    if fields.get("outer"):
        inside, inner_type = build({**fields, "outer": None}), ETH_TEB
        if "l3" in fields:
            inside, inner_type = inside[14:], int.from_bytes(inside[12:14], "big")
        header = tunnel_header(fields["outer"], inner_type)
        return build({**fields["outer"], "payload": header + inside})
    payload = fields.get("payload")
    if payload is None:
        payload = bytes(i & 0xff for i in range(int(fields.get("len", 46))))
    eth_type, inside = network(fields, payload)
    for n, entry in enumerate(reversed(fields["labels"])):
        eth_type, inside = ETH_MPLS, struct.pack("!I", entry | (0x100 if n == 0 else 0)) + inside
    if fields.get("pbb"):
        isid, _, uca = fields["pbb"].partition("/")
        src, dst = fields.get("inner", f"{fields['src']}>{fields['dst']}").split(">")
        eth_type, inside = ETH_PBB, struct.pack("!I", int(isid, 0) | int(uca or 0) << 27) \
            + mac_bytes(dst) + mac_bytes(src) + struct.pack("!H", eth_type) + inside
    frame = mac_bytes(fields["dst"]) + mac_bytes(fields["src"])
    for tpid, tci in fields["tags"]:
        frame += struct.pack("!HH", tpid, tci)
    return frame + struct.pack("!H", eth_type) + inside


def describe_tunnel(protocol, inside):
    """Words for a tunnel's header and the packet inside, if there is one."""
    if protocol == 17 and len(inside) >= 30:
        port = struct.unpack_from("!H", inside, 2)[0]
        name = {4789: "vxlan", 6081: "geneve"}.get(port)
        if name:
            skip = 16 + (inside[8] & 0x3f) * 4 * (name == "geneve")
            vni = struct.unpack_from("!I", inside, 12)[0] >> 8
            csum = struct.unpack_from("!H", inside, 6)[0]
            options = f"/{inside[16:skip].hex()}" if skip > 16 else ""
            return [f"csum={csum:#x}", inside[8:12].hex(), f"{name}={vni}{options}",
                    describe(inside[skip:])]
    if protocol == 47 and len(inside) >= 18:
        skip = 4 + 4 * bin(inside[0] & 0xb0).count("1")
        return ["gre=" + inside[:skip].hex(), describe(inside[skip:])]
    return []


def describe(frame):
    """Bytes to words, for messages: as far as the words above reach."""
    if len(frame) < 14:
        return "raw=" + frame.hex()
    words = [f"{mac_word(frame[6:12])}>{mac_word(frame[:6])}"]
    at = 12
    eth_type = struct.unpack_from("!H", frame, at)[0]
    while eth_type in (ETH_VLAN, ETH_SVLAN) and len(frame) >= at + 6:
        tci = struct.unpack_from("!H", frame, at + 2)[0]
        pcp = f"/{tci >> 13}" if tci >> 13 else ""
        words.append(("vlan=" if eth_type == ETH_VLAN else "svlan=") + f"{tci & 0xfff}{pcp}")
        at += 4
        eth_type = struct.unpack_from("!H", frame, at)[0]
    inside = frame[at + 2:]
    if eth_type == ETH_IP and len(inside) >= 24:
        src, dst = (ipaddress.IPv4Address(inside[n:n + 4]) for n in (12, 16))
        words.append(f"ip={src}>{dst}")
        words += [f"tos={inside[1]}"] if inside[1] else []
        words += [f"ttl={inside[8]}"] if inside[8] != 64 else []
        name = {6: "tcp", 17: "udp"}.get(inside[9])
        if name:
            words.append("{}={}>{}".format(name, *struct.unpack_from("!HH", inside, 20)))
        words += describe_tunnel(inside[9], inside[20:])
    elif eth_type == ETH_ARP and len(inside) >= 28:
        words.append(f"arp={ipaddress.IPv4Address(inside[14:18])}"
                     f">{ipaddress.IPv4Address(inside[24:28])}")
    elif eth_type == ETH_IP6 and len(inside) >= 40:
        words.append(f"ip6={ipaddress.IPv6Address(inside[8:24])}"
                     f">{ipaddress.IPv6Address(inside[24:40])}")
        words += describe_tunnel(inside[6], inside[40:])
    else:
        words.append(f"type={eth_type:#06x}")
    return " ".join(words) + f" ({len(frame)} bytes)"
