#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What os-ken's REST interface asks of a switch, without the web: its library's calls, one after the
other, from a controller for one version.

    rest.py VERSION PORT      VERSION: 10, 13, 14 or 15

Prints "ok CALL" or "not ok CALL: why" for each, and "done"."""
import sys

from os_ken import cfg
from os_ken.base.app_manager import AppManager, OSKenApp
from os_ken.controller import ofp_event
from os_ken.controller.handler import MAIN_DISPATCHER, set_ev_cls
from os_ken.lib import hub, ofctl_utils, ofctl_v1_0, ofctl_v1_3, ofctl_v1_4, ofctl_v1_5
from os_ken.ofproto import ofproto_v1_0, ofproto_v1_3, ofproto_v1_4, ofproto_v1_5

# Its own second is not enough on a busy machine. Who has the answer does not wait any longer.
ofctl_utils.DEFAULT_TIMEOUT = 60
NUMBER = sys.argv[1]
CALLS = {"10": ofctl_v1_0, "13": ofctl_v1_3, "14": ofctl_v1_4, "15": ofctl_v1_5}[NUMBER]
PROTOCOL = {"10": ofproto_v1_0, "13": ofproto_v1_3, "14": ofproto_v1_4, "15": ofproto_v1_5}[NUMBER]
MATCH = {"in_port": 1, "dl_type": 0x800, "nw_dst": "10.0.0.0/8"}
NEW_MATCH = {"in_port": 1, "eth_type": 0x800, "ipv4_dst": "10.0.0.0/255.0.0.0"}
REPLIES = ["EventOFPDescStatsReply", "EventOFPFlowStatsReply", "EventOFPAggregateStatsReply",
           "EventOFPTableStatsReply", "EventOFPPortStatsReply", "EventOFPQueueStatsReply",
           "EventOFPStatsReply", "EventOFPSwitchFeatures", "EventOFPTableFeaturesStatsReply",
           "EventOFPPortDescStatsReply", "EventOFPGroupStatsReply", "EventOFPGroupDescStatsReply",
           "EventOFPGroupFeaturesStatsReply", "EventOFPMeterStatsReply",
           "EventOFPMeterConfigStatsReply", "EventOFPMeterDescStatsReply", "EventOFPMeterFeaturesStatsReply",
           "EventOFPRoleReply"]
EVENTS = [getattr(ofp_event, name) for name in REPLIES if hasattr(ofp_event, name)]


class Asker(OSKenApp):
    OFP_VERSIONS = [PROTOCOL.OFP_VERSION]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.waiters = {}

    @set_ev_cls(ofp_event.EventOFPStateChange, MAIN_DISPATCHER)
    def connected(self, event):
        hub.spawn(self.work, event.datapath)

    @set_ev_cls(ofp_event.EventOFPErrorMsg, MAIN_DISPATCHER)
    def error(self, event):
        print("not ok error %s %s" % (event.msg.type, event.msg.code), flush=True)

    @set_ev_cls(EVENTS, MAIN_DISPATCHER)
    def replied(self, event):
        """As ofctl_rest does: the parts of an answer go to whoever waits for its xid."""
        message, dp = event.msg, event.msg.datapath
        waiting = self.waiters.get(dp.id, {}).get(message.xid)
        if not waiting:
            return
        lock, messages = waiting
        messages.append(message)
        if getattr(message, "flags", 0) & 1:
            return
        del self.waiters[dp.id][message.xid]
        lock.set()

    def call(self, words, test, function, *args):
        try:
            answer = function(*args)
            assert test is None or test(answer), answer
            print("ok " + words, flush=True)
        except Exception as problem:  # pylint: disable=broad-except
            print("not ok %s: %r" % (words, problem), flush=True)

    def work(self, dp):
        ask = lambda words, name, test, *more: self.call(
            words, test, getattr(CALLS, name), dp, self.waiters, *more)
        one = lambda answer: list(answer.values())[0]
        ask("desc", "get_desc_stats", lambda a: one(a)["mfr_desc"] == "weir")
        match = MATCH if NUMBER == "10" else NEW_MATCH
        self.flow(dp, match, dp.ofproto.OFPFC_ADD)
        ask("flows", "get_flow_stats", lambda a: any("10.0.0.0" in str(f) for f in one(a)))
        ask("sums", "get_aggregate_flow_stats", lambda a: one(a))
        ask("tables", "get_table_stats", lambda a: len(one(a)) == 254)
        ask("ports", "get_port_stats", lambda a: len(one(a)) >= 3)
        ask("port desc", "get_port_desc", lambda a: any(p["name"] == "p1" for p in one(a)))
        ask("queues", "get_queue_stats", lambda a: True)
        if NUMBER != "10":
            self.new(dp, ask, one)
        self.flow(dp, match, dp.ofproto.OFPFC_DELETE)
        ask("no flows", "get_flow_stats", lambda a: not any("10.0.0.0" in str(f) for f in one(a)))
        print("done", flush=True)

    def flow(self, dp, match, command):
        actions = [{"type": "OUTPUT", "port": 2}]
        flow = {"priority": 7, "match": match, "actions": actions}
        if NUMBER in ("14", "15"):
            flow["instructions"] = [{"type": "APPLY_ACTIONS", "actions": actions}]
        self.call("flow_mod", None, CALLS.mod_flow_entry, dp, flow, command)

    def new(self, dp, ask, one):
        ofp = dp.ofproto
        bucket = {"actions": [{"type": "OUTPUT", "port": 2}]}
        if NUMBER == "15":
            bucket["bucket_id"] = 1
        self.call("group_mod", None, CALLS.mod_group_entry, dp,
                  {"type": "ALL", "group_id": 1, "buckets": [bucket]}, ofp.OFPGC_ADD)
        self.call("meter_mod", None, CALLS.mod_meter_entry, dp,
                  {"flags": ["KBPS"], "meter_id": 1, "bands": [{"type": "DROP", "rate": 1000}]},
                  ofp.OFPMC_ADD)
        ask("groups", "get_group_stats", lambda a: one(a)[0]["group_id"] == 1)
        ask("group desc", "get_group_desc", lambda a: one(a)[0]["group_id"] == 1)
        ask("group features", "get_group_features", one)
        ask("meters", "get_meter_stats", lambda a: one(a)[0]["meter_id"] == 1)
        # As OVS says it, which is shorter than os-ken wants it in OpenFlow 1.5.
        if NUMBER != "15":
            ask("meter features", "get_meter_features", one)
        ask("meter config", "get_meter_desc" if NUMBER == "15" else "get_meter_config",
            lambda a: one(a)[0]["meter_id"] == 1)
        if NUMBER == "13":
            ask("table features", "get_table_features", one)
        ask("role", "get_role", one)
        self.call("group_mod", None, CALLS.mod_group_entry, dp, {"group_id": 1}, ofp.OFPGC_DELETE)
        self.call("meter_mod", None, CALLS.mod_meter_entry, dp, {"meter_id": 1}, ofp.OFPMC_DELETE)


def main():
    cfg.CONF(args=["--ofp-tcp-listen-port", sys.argv[2], "--ofp-listen-host", "127.0.0.1"],
             project="os_ken", prog="rest")
    manager = AppManager.get_instance()
    manager.load_apps([__name__, "os_ken.controller.ofp_handler"])
    contexts = manager.create_contexts()
    hub.joinall(manager.instantiate_apps(**contexts))


if __name__ == "__main__":
    # os-ken loads applications by the name of their module.
    sys.modules["rest"] = sys.modules["__main__"]
    main()
