#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A router between two subnets on os-ken, for one version of OpenFlow.

    router.py VERSION PORT      VERSION: 10, 13, 14 or 15

It answers ARP and pings for its own addresses and asks for hosts by packet_out. A host it has found
becomes a rule: since OpenFlow 1.3 with a group for the next hop, since 1.4 both in one bundle. Prints a
line for all it does."""
import ipaddress
import sys

from os_ken import cfg
from os_ken.base.app_manager import AppManager, OSKenApp
from os_ken.controller import ofp_event
from os_ken.controller.handler import CONFIG_DISPATCHER, MAIN_DISPATCHER, set_ev_cls
from os_ken.lib import hub
from os_ken.lib.packet import arp, ethernet, icmp, ipv4, packet
from os_ken.ofproto import ofproto_v1_0, ofproto_v1_3, ofproto_v1_4, ofproto_v1_5

PROTOCOL = {"10": ofproto_v1_0, "13": ofproto_v1_3, "14": ofproto_v1_4, "15": ofproto_v1_5}[sys.argv[1]]
OLD = sys.argv[1] == "10"
# The router's own: its address in each port's subnet, and its MAC there.
FACES = {1: (ipaddress.ip_interface("10.0.1.1/24"), "02:00:00:00:01:01"),
         2: (ipaddress.ip_interface("10.0.2.1/24"), "02:00:00:00:02:01")}
ATOMIC_ORDERED = 3


def say(*words):
    print(*words, flush=True)


class Router(OSKenApp):
    OFP_VERSIONS = [PROTOCOL.OFP_VERSION]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.hosts = {}  # by address: MAC, port, number
        self.waiting = {}  # by address: packets
        self.bundles = 0

    # To the switch.

    def change(self, datapath, *messages):
        """All at once where the version can say so, else one after the other."""
        p, ofp = datapath.ofproto_parser, datapath.ofproto
        if ofp.OFP_VERSION < 5:
            for message in messages:
                datapath.send_msg(message)
            return
        self.bundles += 1
        number = self.bundles
        datapath.send_msg(p.OFPBundleCtrlMsg(datapath, number, ofp.OFPBCT_OPEN_REQUEST,
                                             ATOMIC_ORDERED, []))
        for message in messages:
            datapath.send_msg(p.OFPBundleAddMsg(datapath, number, ATOMIC_ORDERED, message, []))
        datapath.send_msg(p.OFPBundleCtrlMsg(datapath, number, ofp.OFPBCT_COMMIT_REQUEST,
                                             ATOMIC_ORDERED, []))

    def rule(self, datapath, priority, match, actions):
        p, ofp = datapath.ofproto_parser, datapath.ofproto
        if OLD:
            return p.OFPFlowMod(datapath, p.OFPMatch(**match), 0, ofp.OFPFC_ADD, priority=priority,
                                actions=actions)
        apply = [p.OFPInstructionActions(ofp.OFPIT_APPLY_ACTIONS, actions)]
        return p.OFPFlowMod(datapath, priority=priority, match=p.OFPMatch(**match),
                            instructions=apply)

    def send(self, datapath, actions, data):
        p, ofp = datapath.ofproto_parser, datapath.ofproto
        if ofp.OFP_VERSION >= 6:
            message = p.OFPPacketOut(datapath, buffer_id=ofp.OFP_NO_BUFFER, actions=actions,
                                     match=p.OFPMatch(in_port=ofp.OFPP_CONTROLLER), data=data)
        else:
            port = ofp.OFPP_NONE if OLD else ofp.OFPP_CONTROLLER
            message = p.OFPPacketOut(datapath, 0xffffffff, port, actions, data)
        datapath.send_msg(message)

    def send_made(self, datapath, port, *headers):
        made = packet.Packet()
        for header in headers:
            made.add_protocol(header)
        made.serialize()
        self.send(datapath, [datapath.ofproto_parser.OFPActionOutput(port, 0)], made.data)

    # Hosts.

    def to_host(self, datapath, host):
        """What is done to a packet on its last hop."""
        p = datapath.ofproto_parser
        mac, port, _ = host
        out = p.OFPActionOutput(port, 0)
        if OLD:
            return [p.OFPActionSetDlSrc(FACES[port][1]), p.OFPActionSetDlDst(mac), out]
        return [p.OFPActionDecNwTtl(), p.OFPActionSetField(eth_src=FACES[port][1]),
                p.OFPActionSetField(eth_dst=mac), out]

    def learn(self, datapath, address, mac, port):
        if address in self.hosts:
            return
        p, ofp = datapath.ofproto_parser, datapath.ofproto
        host = self.hosts[address] = (mac, port, len(self.hosts) + 1)
        say("host", address, mac, port)
        actions = self.to_host(datapath, host)
        if OLD:
            self.change(datapath, self.rule(datapath, 10, {"dl_type": 0x800, "nw_dst": address}, actions))
        else:
            if ofp.OFP_VERSION >= 6:
                bucket = p.OFPBucket(bucket_id=0, actions=actions, properties=[])
                group = p.OFPGroupMod(datapath, ofp.OFPGC_ADD, ofp.OFPGT_INDIRECT, host[2],
                                      ofp.OFPG_BUCKET_ALL, [bucket])
            else:
                bucket = p.OFPBucket(actions=actions)
                group = p.OFPGroupMod(datapath, ofp.OFPGC_ADD, ofp.OFPGT_INDIRECT, host[2], [bucket])
            self.change(datapath, group,
                        self.rule(datapath, 10, {"eth_type": 0x800, "ipv4_dst": address},
                                  [p.OFPActionGroup(host[2])]))
        for data in self.waiting.pop(address, []):
            self.send(datapath, actions, data)

    def ask_for(self, datapath, address):
        for port, (face, mac) in FACES.items():
            if ipaddress.ip_address(address) in face.network:
                say("who has", address)
                self.send_made(
                    datapath, port, ethernet.ethernet("ff:ff:ff:ff:ff:ff", mac, 0x806),
                    arp.arp(opcode=arp.ARP_REQUEST, src_mac=mac, src_ip=str(face.ip),
                            dst_mac="00:00:00:00:00:00", dst_ip=address))

    # From the switch.

    @set_ev_cls(ofp_event.EventOFPSwitchFeatures, CONFIG_DISPATCHER)
    def features(self, event):
        datapath = event.msg.datapath
        p, ofp = datapath.ofproto_parser, datapath.ofproto
        ask = [p.OFPActionOutput(ofp.OFPP_CONTROLLER, 0xffff)]
        kind = "dl_type" if OLD else "eth_type"
        self.change(datapath, self.rule(datapath, 20, {kind: 0x806}, ask),
                    self.rule(datapath, 1, {kind: 0x800}, ask),
                    self.rule(datapath, 0, {}, []))
        say("features")

    def heard_arp(self, datapath, port, heard):
        face, mac = FACES[port]
        self.learn(datapath, heard.src_ip, heard.src_mac, port)
        if heard.opcode == arp.ARP_REQUEST and heard.dst_ip == str(face.ip):
            self.send_made(
                datapath, port, ethernet.ethernet(heard.src_mac, mac, 0x806),
                arp.arp(opcode=arp.ARP_REPLY, src_mac=mac, src_ip=heard.dst_ip,
                        dst_mac=heard.src_mac, dst_ip=heard.src_ip))

    def heard_ip(self, datapath, port, heard, data):
        header, ip = heard.get_protocol(ethernet.ethernet), heard.get_protocol(ipv4.ipv4)
        face, mac = FACES[port]
        if ip.dst == str(face.ip):
            ping = heard.get_protocol(icmp.icmp)
            if ping and ping.type == icmp.ICMP_ECHO_REQUEST:
                self.send_made(
                    datapath, port, ethernet.ethernet(header.src, mac, 0x800),
                    ipv4.ipv4(dst=ip.src, src=ip.dst, proto=ip.proto),
                    icmp.icmp(icmp.ICMP_ECHO_REPLY, 0, 0, ping.data))
        elif ip.dst in self.hosts:
            self.send(datapath, self.to_host(datapath, self.hosts[ip.dst]), data)
        else:
            self.waiting.setdefault(ip.dst, []).append(data)
            self.ask_for(datapath, ip.dst)

    @set_ev_cls(ofp_event.EventOFPPacketIn, MAIN_DISPATCHER)
    def packet_in(self, event):
        message = event.msg
        port = message.in_port if OLD else message.match["in_port"]
        heard = packet.Packet(message.data)
        if port not in FACES:
            return
        if heard.get_protocol(arp.arp):
            self.heard_arp(message.datapath, port, heard.get_protocol(arp.arp))
        elif heard.get_protocol(ipv4.ipv4):
            self.heard_ip(message.datapath, port, heard, message.data)

    @set_ev_cls(ofp_event.EventOFPErrorMsg, [CONFIG_DISPATCHER, MAIN_DISPATCHER])
    def error(self, event):
        say("error", event.msg.type, event.msg.code)


def main():
    cfg.CONF(args=["--ofp-tcp-listen-port", sys.argv[2], "--ofp-listen-host", "127.0.0.1"],
             project="os_ken", prog="router")
    manager = AppManager.get_instance()
    manager.load_apps([__name__, "os_ken.controller.ofp_handler"])
    contexts = manager.create_contexts()
    hub.joinall(manager.instantiate_apps(**contexts))


if __name__ == "__main__":
    # os-ken loads applications by the name of their module.
    sys.modules["router"] = sys.modules["__main__"]
    main()
