#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A learning switch on os-ken for one version of OpenFlow.

    learning_switch.py VERSION PORT      VERSION: 10, 13, 14 or 15

Prints a line for all it hears, so that a test can wait for it."""
import sys

from os_ken import cfg
from os_ken.base.app_manager import AppManager, OSKenApp
from os_ken.controller import dpset, ofp_event
from os_ken.controller.handler import (CONFIG_DISPATCHER, MAIN_DISPATCHER, set_ev_cls)
from os_ken.lib import hub
from os_ken.lib.packet import ethernet, packet
from os_ken.ofproto import ofproto_v1_0, ofproto_v1_3, ofproto_v1_4, ofproto_v1_5

VERSIONS = {'10': ofproto_v1_0, '13': ofproto_v1_3, '14': ofproto_v1_4, '15': ofproto_v1_5}


def say(*words):
    print(*words, flush=True)


class Switch(OSKenApp):
    OFP_VERSIONS = [VERSIONS[sys.argv[1]].OFP_VERSION]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.ports = {}

    @set_ev_cls(ofp_event.EventOFPSwitchFeatures, CONFIG_DISPATCHER)
    def features(self, event):
        datapath = event.msg.datapath
        say('features', '%016x' % datapath.id, 'version', datapath.ofproto.OFP_VERSION)
        if datapath.ofproto.OFP_VERSION == 1:
            return
        # The table-miss rule.
        ofp, parser = datapath.ofproto, datapath.ofproto_parser
        self.add(datapath, 0, parser.OFPMatch(),
                 [parser.OFPActionOutput(ofp.OFPP_CONTROLLER, ofp.OFPCML_NO_BUFFER)])

    def add(self, datapath, priority, match, actions):
        ofp, parser = datapath.ofproto, datapath.ofproto_parser
        if ofp.OFP_VERSION == 1:
            mod = parser.OFPFlowMod(
                datapath=datapath, match=match, cookie=0, command=ofp.OFPFC_ADD, idle_timeout=0,
                hard_timeout=0, priority=priority, flags=ofp.OFPFF_SEND_FLOW_REM, actions=actions)
        else:
            apply = [parser.OFPInstructionActions(ofp.OFPIT_APPLY_ACTIONS, actions)]
            mod = parser.OFPFlowMod(
                datapath=datapath, priority=priority, match=match, instructions=apply,
                flags=ofp.OFPFF_SEND_FLOW_REM)
        datapath.send_msg(mod)

    @set_ev_cls(ofp_event.EventOFPPacketIn, MAIN_DISPATCHER)
    def packet_in(self, event):
        msg = event.msg
        datapath = msg.datapath
        ofp, parser = datapath.ofproto, datapath.ofproto_parser
        in_port = msg.in_port if ofp.OFP_VERSION == 1 else msg.match['in_port']
        header = packet.Packet(msg.data).get_protocol(ethernet.ethernet)
        say('packet_in', in_port, header.src, header.dst, 'reason', msg.reason)
        self.ports[header.src] = in_port
        out_port = self.ports.get(header.dst, ofp.OFPP_FLOOD)
        actions = [parser.OFPActionOutput(out_port)]
        if out_port != ofp.OFPP_FLOOD:
            match = (parser.OFPMatch(in_port=in_port, dl_dst=header.dst)
                     if ofp.OFP_VERSION == 1 else
                     parser.OFPMatch(in_port=in_port, eth_dst=header.dst))
            self.add(datapath, 1, match, actions)
            say('learned', header.dst, out_port)
        if ofp.OFP_VERSION >= 6:
            out = parser.OFPPacketOut(
                datapath=datapath, buffer_id=msg.buffer_id,
                match=parser.OFPMatch(in_port=in_port), actions=actions, data=msg.data)
        else:
            out = parser.OFPPacketOut(
                datapath=datapath, buffer_id=msg.buffer_id, in_port=in_port, actions=actions,
                data=msg.data)
        datapath.send_msg(out)

    @set_ev_cls(ofp_event.EventOFPFlowRemoved, MAIN_DISPATCHER)
    def flow_removed(self, event):
        say('flow_removed priority', event.msg.priority, 'reason', event.msg.reason)

    @set_ev_cls(ofp_event.EventOFPPortStatus, MAIN_DISPATCHER)
    def port_status(self, event):
        say('port_status', event.msg.desc.port_no, 'reason', event.msg.reason)

    @set_ev_cls(ofp_event.EventOFPErrorMsg, [CONFIG_DISPATCHER, MAIN_DISPATCHER])
    def error(self, event):
        say('error', event.msg.type, event.msg.code)


def main():
    cfg.CONF(args=['--ofp-tcp-listen-port', sys.argv[2], '--ofp-listen-host', '127.0.0.1'],
             project='os_ken', prog='learning_switch')
    manager = AppManager.get_instance()
    manager.load_apps([__name__, 'os_ken.controller.ofp_handler'])
    contexts = manager.create_contexts()
    hub.joinall(manager.instantiate_apps(**contexts))


if __name__ == '__main__':
    # os-ken loads applications by the name of their module.
    sys.modules['learning_switch'] = sys.modules['__main__']
    main()
