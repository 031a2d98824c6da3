# SPDX-License-Identifier: Apache-2.0
"""What is measured. A case says which frames arrive at p0 and how they shall get to p1.

'rules' are OpenFlow rules in ovs-ofctl's words, p0 being port 1 and p1 port 2; None means NORMAL
with the destination's MAC known to be at p1. 'peer_settings' are other_config of OVS that may suit
the case better than its default: each is run as well, and the best of them is a second ratio.
"""

import collections

import captures

Case = collections.namedtuple("Case", "name capture rules peer_settings floor")

SMC = {"smc-enable": "true", "emc-insert-inv-prob": "0"}
NO_EMC = {"emc-insert-inv-prob": "0"}
IP_RULE = ["priority=100,in_port=1,ip,nw_dst=10.128.0.0/16,actions=output:2"]


def udp(n_flows, size=64):
    return lambda folder: captures.udp_flows(folder, n_flows, size)


CASES = [
    Case("normal-1", udp(1), None, {}, "macswap"),
    Case("port-1", udp(1), ["in_port=1,actions=output:2"], {}, "io"),
    Case("ip-1", udp(1), IP_RULE, {}, "macswap"),
    Case("ip-1k", udp(1000), IP_RULE, {"smc": SMC, "no-emc": NO_EMC}, "macswap"),
    Case("ip-10k", udp(10000), IP_RULE, {"smc": SMC, "no-emc": NO_EMC}, "macswap"),
    Case("ip-100k", udp(100000), IP_RULE, {"smc": SMC, "no-emc": NO_EMC}, "macswap"),
]
DEFAULT = ["normal-1"]
