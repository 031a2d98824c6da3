# SPDX-License-Identifier: Apache-2.0
"""What is measured. A case says which frames arrive at p0 and how they shall get to p1.

'rules' are OpenFlow rules in ovs-ofctl's words, p0 being port 1 and p1 port 2; without any the
bridge does NORMAL, and 'macs' addresses are known to be at p1. 'peer' are settings of OVS that may
suit the case better than its default, 'weir' those of weir that are told apart: each is run as
well. With 'guest' both ports are vhost-user and a testpmd, the guest, sends in both directions
through rings of that layout: so many 'flows' of its own, or, with 1, what comes back. 'goals' are
ratios to reach, by what weir is compared with: OVS as it comes ("ovs"), its best setting ("best"), it without
EMC and us without exact cache ("no-exact"), testpmd ("floor"), or ourselves without exact cache
("own-no-exact"). 'pages' are hugepages, where a case needs more than others. A 'tunnel' is a case of
packets that enter or leave one. 'beside' are other cases that weir runs in the same rounds: what ours
costs more than each is told in cycles, with how many it may be at most.
"""

import collections

import captures

Case = collections.namedtuple(
    "Case", "name about capture rules macs peer weir floor guest flows goals switches pages tunnel "
    "beside")

SMC = {"smc-enable": "true", "emc-insert-inv-prob": "0"}
NO_EMC = {"emc-insert-inv-prob": "0"}
BEST = {"smc": SMC, "no-emc": NO_EMC}
NO_EXACT = {"no-exact": {"emc-insert-inv-prob": "0"}}
PORT_RULES = ["in_port=1,actions=output:2", "in_port=2,actions=output:1"]
IP_RULE = ["priority=100,in_port=1,ip,nw_dst=10.128.0.0/16,actions=output:2"]
GUEST_NET = "10.0.0.0/7"  # where testpmd's flows go
MAC_BITS = 48
MORE_TO_ENCAPSULATE = 12  # cycles


def case(name, about, capture=None, rules=(), macs=0, peer=None, weir=None, floor="macswap",
         guest=None, flows=0, goals=None, switches=("floor", "ovs", "weir"), pages=0,
         tunnel=None, beside=None):
    return Case(name, about, capture, rules, macs, peer or {}, weir or {}, floor, guest, flows,
                goals or {}, switches, pages, tunnel, beside or {})


def goal(ovs=None, best=None, **more):
    """Ratios to reach; those that are not named are none."""
    found = {"ovs": ovs, "best": best, **{k.replace("_", "-"): v for k, v in more.items()}}
    return {key: value for key, value in found.items() if value}


def udp(n_flows, size=64, **kind):
    return lambda folder: captures.flows(folder, n_flows, size, **kind)


def leading(number, bits):
    """The first 'bits' of a MAC address and their mask, as a field's value."""
    mask = (1 << MAC_BITS) - (1 << (MAC_BITS - bits))
    text = [f"{value:012x}" for value in (int.from_bytes(number, "big") & mask, mask)]
    return "/".join(":".join(t[i:i + 2] for i in range(0, 12, 2)) for t in text)


def mask_rules(n):
    """n rules for a network each, which look at one bit more than the rule before: what is looked
    at adds up, so that every rule's packets need a mask of their own."""
    for i in range(n):
        match = f"priority={1000 - i},in_port=1,udp,nw_dst=10.128.{i}.0/24"
        if i:
            match += f",dl_src={leading(captures.SRC_MAC, min(i, MAC_BITS))}"
        if i > MAC_BITS:
            match += f",dl_dst={leading(captures.DST_MAC, min(i - MAC_BITS, MAC_BITS))}"
        if i > 2 * MAC_BITS:
            match += f",tp_dst={2000 & 1 << (i - 2 * MAC_BITS):#x}/{1 << (i - 2 * MAC_BITS):#x}"
        yield match + ",actions=output:2"


# A rule for one source address that nobody has makes every address worth a look.
EACH_RULES = ["priority=200,in_port=1,dl_src=0e:00:00:00:00:01,actions=drop",
              "priority=100,in_port=1,ip,nw_dst=10.128.0.0/16,actions=output:2"]
def masks(n, goals=None):
    return case(f"masks-{n}", f"10,000 flows over {n} masks", udp(10000, nets=n),
                list(mask_rules(n)), peer=BEST, weir=NO_EXACT, goals=goals)


def tunnel(kind, n, least):
    """A VXLAN tunnel, port 3, over a second bridge; rules for packets in it see no addresses."""
    rule = "in_port=1,ip,actions=output:3" if kind == "encap" else "in_port=3,ip,actions=output:2"
    name = f"{n // 1000}k" if n >= 1000 else str(n)
    plain = case(f"plain-{name}", "the same packets, sent as they are", udp(n),
                 ["in_port=1,ip,actions=output:2"])
    return case(f"vxlan-{kind}-{name}", f"{kind}sulation, {n:,} flows inside",
                udp(n, tunnel=int(kind == "decap")), [rule], goals=goal(least), tunnel=kind,
                beside={"plain": (plain, MORE_TO_ENCAPSULATE)} if kind == "encap" else None)


def both_ways(*rules):
    """Each rule in both directions; {0} is the port of entry, {1} the other."""
    return [rule.format(*ports) for rule in rules for ports in ((1, 2), (2, 1))]


def guest(layout, name, about, rules, flows, goals=None):
    return case(f"guest-{layout}-{name}", f"{about}; guests with {layout} rings", rules=rules,
                guest=layout, flows=flows, peer={"no-emc": NO_EMC}, floor="io", goals=goals)


GUEST_RULES = both_ways(f"priority=100,in_port={{0}},ip,nw_dst={GUEST_NET},actions=output:{{1}}")
# One destination in 128 goes on to a rule that nobody matches and that makes every bit of the
# address worth a look. There are so many flows that nobody comes round before he was forgotten.
NEW_RULES = GUEST_RULES + both_ways(
    "priority=200,in_port={0},ip,nw_dst=0.0.0.7/0.0.0.127,actions=resubmit(,1)",
    "table=1,priority=200,in_port={0},ip,nw_dst=0.1.2.4/255.127.255.255,actions=drop",
    "table=1,priority=100,in_port={0},actions=output:{1}")

NOTHING = case("nothing", "no ports, no traffic")
CASES = [
    case("port-1", "a rule that looks only at the port", udp(1), PORT_RULES, floor="io",
         goals=goal(2)),
    case("ip-1", "an IP rule, 1 flow", udp(1), IP_RULE, goals=goal(1.7)),
    case("ip-1k", "1,000 flows", udp(1000), IP_RULE, peer=BEST, goals=goal(2)),
    case("ip-10k", "10,000 flows", udp(10000), IP_RULE, peer=BEST, goals=goal(3, 2.4)),
    case("ip-100k", "100,000 flows", udp(100000), IP_RULE, peer=BEST, goals=goal(2.4, 1.9)),
    # More frames than the pools of the others take.
    case("ip-1m", "1,000,000 flows", udp(1000000), IP_RULE, weir=NO_EXACT, switches=("weir",),
         goals=goal(own_no_exact=0.8), pages=1700),
    case("each-100k", "100,000 megaflows", udp(100000, sources=1), EACH_RULES, peer=BEST,
         goals=goal(6, 6)),
    masks(10),
    masks(30),
    masks(50, goal(11, 3, no_exact=10)),
    masks(100),
    case("normal-1", "NORMAL, 1 flow", udp(1), macs=1),
    case("normal-10", "NORMAL among 10 MACs", udp(10, macs=10), macs=10),
    case("normal-1k", "NORMAL among 1,000 MACs", udp(1000, macs=1000), macs=1000, peer=BEST,
         goals=goal(1.9)),
    case("normal-100k", "NORMAL among 100,000 MACs", udp(100000, macs=100000), macs=100000,
         peer=BEST, goals=goal(1.8)),
    case("vlan-push", "a tag pushed", udp(1), ["in_port=1,ip,actions=mod_vlan_vid:5,output:2"],
         goals=goal(1.7)),
    case("vlan-pop", "a tag popped", udp(1, vlan=5),
         ["in_port=1,dl_vlan=5,ip,actions=strip_vlan,output:2"]),
    case("rewrite", "TTL, Ethernet and IP destination rewritten", udp(1),
         ["in_port=1,ip,actions=dec_ttl,mod_dl_dst:02:00:00:00:00:0c,mod_nw_dst:10.129.0.1,"
          "output:2"], goals=goal(1.9)),
    case("ip6-10k", "IPv6, 10,000 flows", udp(10000, 70, ipv6=1),
         ["in_port=1,ipv6,ipv6_dst=2001:db8::/32,actions=output:2"], peer=BEST,
         goals=goal(1.4)),
    case("ip-10k-512", "10,000 flows of 512 bytes", udp(10000, 512), IP_RULE),
    case("ip-10k-1518", "10,000 flows of 1,518 bytes", udp(10000, 1518), IP_RULE),
    tunnel("encap", 1, 2),
    tunnel("encap", 10000, 3),
    tunnel("decap", 1, 2.8),
    tunnel("decap", 10000, 4.5),
    guest("split", "port", "a rule for each port", PORT_RULES, 1, goal(1.03, floor=0.95)),
    guest("packed", "port", "a rule for each port", PORT_RULES, 1, goal(1.03, floor=0.95)),
    guest("split", "ip", "an IP rule, 10,000 flows", GUEST_RULES, 10000, goal(1.4)),
    guest("packed", "ip", "an IP rule, 10,000 flows", GUEST_RULES, 10000, goal(1.5)),
    guest("split", "new", "one packet in 128 of a new flow", NEW_RULES, 20000000),
]
DEFAULT = ["normal-1"]
