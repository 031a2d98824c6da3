# SPDX-License-Identifier: Apache-2.0
"""Random changes to a switch: what administrators, controllers and guests might do, sensible or not.

Every 'do_' method is one kind of change. They touch bridges x0 to x3 and what they made in br0
themselves, never the ports whose traffic is watched. A refusal is fine; a daemon that ends is not."""

import glob
import os
import random
import signal
import socket
import subprocess
import sys
import types

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "differential"))
import cases  # noqa: E402
import texts  # noqa: E402

BRIDGES = ["x0", "x1", "x2", "x3", "br0"]
COOKIE = "0xc0ffee"
PORTS_MOST = 60
RULES_MOST = 2000
GUESTS_MOST = 6


class Chaos:
    def __init__(self, switch, build, seed, note):
        self.switch = switch
        self.random = random.Random(seed)
        self.vhost = os.path.join(os.path.abspath(build), "tests", "vhost")
        self.note = note
        self.bridges = set()
        self.ports = {}  # name: (bridge, type, OpenFlow number)
        self.guests = []
        self.listeners = []
        self.n = 0
        self.refused = 0
        self.done = 0
        self.clients = {"vsctl": switch.program("vsctl"), "ofctl": switch.program("ofctl")}
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        self.kinds = [getattr(self, name) for name in sorted(dir(self)) if name.startswith("do_")]
        self.kinds_of_nonsense = subprocess.run(
            [os.path.join(self.vhost, "nonsense")], capture_output=True, text=True,
            check=True).stdout.split()

    # The clients: ours, or the stock ones where they are.

    def run(self, tool, *words, text=None):
        program = self.random.choice(self.clients[tool])
        if program[0].endswith("ovs-ofctl"):
            words = [w if not os.path.exists(os.path.join(self.switch.rundir, f"{w}.mgmt"))
                     else os.path.join(self.switch.rundir, f"{w}.mgmt") for w in words]
        line = [*program, *words]
        self.note(" ".join(line[len(program) - 1:]) + (f" <<< {text!r}" if text else ""))
        out = subprocess.run(line, capture_output=True, text=True, input=text, timeout=60,
                             check=False, env=self.switch.environment)
        if out.returncode < 0:
            raise RuntimeError(f"{line} died of signal {-out.returncode}: {out.stderr}")
        self.refused += out.returncode != 0
        return out.returncode == 0

    def vsctl(self, *words):
        return self.run("vsctl", *words)

    def ofctl(self, *words, text=None):
        return self.run("ofctl", *words, text=text)

    def command(self, *words):
        self.note("appctl " + " ".join(words))
        try:
            return self.switch.command(*words)
        except self.switch.refusal:
            self.refused += 1
            return None

    def step(self):
        self.done += 1
        self.random.choice(self.kinds)()

    # Bridges and ports.

    def bridge(self):
        return self.random.choice(sorted(self.bridges | {"br0"}))

    def port(self, *kinds):
        names = sorted(n for n, p in self.ports.items() if not kinds or p[1] in kinds)
        return self.random.choice(names) if names else None

    def do_add_bridge(self):
        name = self.random.choice(BRIDGES[:-1])
        if name not in self.bridges and self.vsctl("--may-exist", "add-br", name):
            self.bridges.add(name)

    def do_del_bridge(self):
        if self.random.random() > 0.3 or not self.bridges:
            return
        name = self.random.choice(sorted(self.bridges))
        self.vsctl("--if-exists", "del-br", name)
        self.bridges.discard(name)
        self.ports = {n: p for n, p in self.ports.items() if p[0] != name}

    def do_add_port(self):
        if len(self.ports) >= PORTS_MOST:
            return
        r, bridge = self.random, self.bridge()
        for _ in range(r.choice([1, 1, 3])):
            self.n += 1
            name, number = f"c{self.n}", 100 + self.n % 1000
            kind = r.choice(["dummy", "dummy", "internal", "tap", "vxlan", "geneve", "gre", "patch",
                             "dpdkvhostuser", "dpdkvhostuserclient", "nonsense"])
            words = {
                "vxlan": [f"options:remote_ip=192.0.2.{r.randrange(1, 250)}",
                          f"options:key={r.choice(['flow', r.randrange(1 << 24)])}"],
                "geneve": ["options:remote_ip=flow", f"options:key={r.randrange(1 << 24)}"],
                "gre": [f"options:remote_ip=192.0.2.{r.randrange(1, 250)}"],
                "patch": [f"options:peer=c{r.choice([self.n - 1, self.n + 1])}"],
                "dpdkvhostuserclient": [
                    f"options:vhost-server-path={self.switch.rundir}/{name}"],
            }.get(kind, [])
            if self.vsctl("add-port", bridge, name, *self.vlan_words(), "--", "set", "Interface",
                          name, f"type={kind}", f"ofport_request={number}", *words):
                self.ports[name] = bridge, kind, number

    def vlan_words(self):
        r = self.random
        return r.choice([[], [], [f"tag={r.choice(cases.VLANS)}"],
                         ["trunks=10,20", "vlan_mode=trunk"],
                         ["tag=10", f"vlan_mode={r.choice(['native-tagged', 'dot1q-tunnel'])}"]])

    def do_del_port(self):
        name = self.port()
        if name:
            self.vsctl("--if-exists", "del-port", name)
            del self.ports[name]

    def do_set_port(self):
        name = self.port()
        if not name:
            return
        r = self.random
        self.vsctl(*r.choice([
            ["set", "Port", name, *(self.vlan_words() or ["tag=20"])],
            ["clear", "Port", name, "tag", "trunks", "vlan_mode"],
            ["set", "Interface", name, f"mtu_request={r.choice([68, 1500, 9000, 70000])}"],
            ["set", "Interface", name, f"ingress_policing_rate={r.choice([0, 1, 100000])}"],
            ["set", "Interface", name, f"type={r.choice(['dummy', 'internal', 'tap'])}"],
            ["set", "Interface", name, f"options:{r.choice('abc')}={r.randrange(9)}"],
            ["set", "Interface", name, f"admin_state={r.choice(['up', 'down'])}"],
            ["set", "Port", name, f"other_config:{r.choice(['rstp-enable', 'x'])}=false"],
            ["set", "Port", name, f"protected={r.choice(['true', 'false'])}"],
        ]))

    def do_set_bridge(self):
        r, name = self.random, self.bridge()
        choices = [
            f"other_config:mac-aging-time={r.choice([15, 300])}",
            f"other_config:mac-table-size={r.choice([10, 8192])}",
            f"mcast_snooping_enable={r.choice(['true', 'false'])}",
            f"other_config:disable-in-band={r.choice(['true', 'maybe'])}",
            f"flood_vlans={r.choice(['10', '20', '[]'])}",
        ]
        if name != "br0":
            # A change of fail_mode without a controller deletes all rules, watched or not.
            choices += [f"fail_mode={r.choice(['secure', 'standalone'])}",
                        f"rstp_enable={r.choice(['true', 'false'])}",
                        f"stp_enable={r.choice(['true', 'false'])}"]
        self.vsctl("set", "Bridge", name, r.choice(choices))

    def do_set_switch(self):
        r = self.random
        self.vsctl("set", "Open_vSwitch", ".", r.choice([
            f"other_config:flow-limit={r.choice([50, 1000, 200000])}",
            f"other_config:max-idle={r.choice([100, 10000])}",
            f"other_config:vlan-limit={r.choice([0, 1, 2])}",
            f"other_config:emc-insert-inv-prob={r.choice([0, 1, 100])}",
            f"other_config:pmd-cpu-mask={r.choice(['0x1', '0x2', '0x3'])}",
            f"other_config:pmd-auto-lb={r.choice(['true', 'false'])}",
            f"other_config:stats-update-interval={r.choice([100, 5000, 'x'])}",
        ]))

    def do_mirror(self):
        name = self.random.choice(sorted(self.bridges) or [None])
        ports = [n for n, p in self.ports.items() if p[0] == name]
        if not ports:
            return
        if self.random.random() < 0.4:
            self.vsctl("clear", "Bridge", name, "mirrors")
        else:
            self.vsctl("--id=@p", "get", "Port", self.random.choice(sorted(ports)), "--",
                       "--id=@m", "create", "Mirror", "name=m", "select_all=true",
                       "output_port=@p", "--", "set", "Bridge", name, "mirrors=@m")

    # Rules. Those of the watched ports have another cookie.

    def rules(self, bridge, n):
        numbers = [p[2] for p in self.ports.values() if p[0] == bridge] or [100]
        world = types.SimpleNamespace(rules=[], ports=numbers, groups=[1, 2])
        return [f"cookie={COOKIE}," + texts.rule_text(cases.rule(self.random, world))
                for _ in range(n)]

    def do_add_flows(self):
        bridge = self.bridge()
        n = self.random.choice([1, 1, 5, 50, 500])
        options = self.random.choice([[], ["--bundle"]])
        self.ofctl("-OOpenFlow14", *options, "add-flows", bridge, "-",
                   text="\n".join(self.rules(bridge, n)) + "\n")

    def do_del_flows(self):
        match = self.random.choice(["", ",ip", ",table=1", ",in_port=101", ",arp", ",vlan_tci=0"])
        self.ofctl("del-flows", self.bridge(), f"cookie={COOKIE}/-1{match}")

    def do_mod_flows(self):
        bridge = self.bridge()
        self.ofctl("-OOpenFlow13", "mod-flows", bridge, self.rules(bridge, 1)[0].replace(
            f"cookie={COOKIE}", f"cookie={COOKIE}/-1"))

    def do_group(self):
        r, bridge = self.random, self.bridge()
        kind = r.choice(["all", "select", "indirect", "ff"])
        buckets = "".join(f",bucket=watch_port:{r.randrange(100, 160)},actions=output:"
                          f"{r.randrange(100, 160)}" for _ in range(1 if kind == "indirect" else 3))
        self.ofctl("-OOpenFlow13", r.choice(["add-group", "mod-group", "del-groups"]), bridge,
                   f"group_id={r.choice([1, 2])}" + r.choice([f",type={kind}{buckets}", ""]))

    def do_meter(self):
        r = self.random
        self.ofctl("-OOpenFlow13", r.choice(["add-meter", "mod-meter", "del-meter"]), self.bridge(),
                   "meter=1" + r.choice(["", f",kbps,band=type=drop,rate={r.randrange(1, 9999)}"]))

    def do_ask(self):
        r, bridge = self.random, self.bridge()
        if r.random() < 0.5:
            self.ofctl("-OOpenFlow14", r.choice(["dump-flows", "dump-ports", "dump-groups", "show",
                                                 "dump-tables", "dump-meters"]), bridge)
        else:
            self.command(*r.choice([
                ["fdb/show", bridge], ["fdb/flush", bridge], ["dpctl/dump-flows"], ["drops/show"],
                ["ports/show"], ["revalidator/purge"], ["memory/show"], ["nonsense"],
                ["ofproto/trace", bridge, "in_port=101," + r.choice(["ip", "arp", "tcp", "ipv6"])],
                ["tnl/neigh/show"], ["dpif-netdev/pmd-rxq-rebalance"], ["list-commands"]]))

    # Packets, guests and controllers.

    def do_packets(self):
        name = self.port("dummy")
        for _ in range(20 if name else 0):
            data = cases.packet(self.random).bytes()
            if self.random.random() < 0.3:
                cut = self.random.randrange(14, len(data))
                data = data[:cut] + self.random.randbytes(self.random.randrange(60))
            self.command("netdev-dummy/receive", name, data.hex())

    def do_guest(self):
        self.reap()
        name = self.port("dpdkvhostuser", "dpdkvhostuserclient")
        if not name or len(self.guests) >= GUESTS_MOST:
            return
        kind = self.random.choice(self.kinds_of_nonsense)
        self.note(f"nonsense {name} {kind}")
        self.guests.append(subprocess.Popen(
            [os.path.join(self.vhost, "nonsense"), os.path.join(self.switch.rundir, name), kind,
             str(self.random.choice([1, 3]))], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL))

    def do_kill_guest(self):
        if self.guests:
            self.note("a guest is killed")
            self.random.choice(self.guests).send_signal(signal.SIGKILL)

    def do_controller(self):
        if not self.bridges:
            return
        name = self.random.choice(sorted(self.bridges))
        kind = self.random.random()
        if kind < 0.4:
            self.vsctl("del-controller", name)
        elif kind < 0.7 or not self.listeners:
            self.vsctl("set-controller", name, self.random.choice(["tcp:127.0.0.1:1", "tcp:x", ""]))
        else:
            port = self.random.choice(self.listeners).getsockname()[1]
            self.vsctl("set-controller", name, f"tcp:127.0.0.1:{port}")

    def do_flap_controller(self):
        """A controller that accepts, says nonsense or nothing, and goes."""
        if not self.listeners:
            listener = socket.create_server(("127.0.0.1", 0))
            listener.setblocking(False)
            self.listeners.append(listener)
        for listener in self.listeners:
            try:
                connection, _ = listener.accept()
            except BlockingIOError:
                continue
            try:
                connection.send(self.random.choice([b"", b"\4\0\0\10\0\0\0\1", bytes(64)]))
            except OSError:
                pass
            connection.close()

    def reap(self):
        self.guests = [g for g in self.guests if g.poll() is None]

    # Quiet.

    def calm(self):
        """Nothing of ours moves; what was configured stays."""
        for guest in self.guests:
            guest.kill()
            guest.wait()
        self.guests = []

    def reset(self):
        """Nothing of ours is left."""
        self.calm()
        vsctl = self.clients["vsctl"][0]
        words = []
        for name in sorted(self.bridges):
            words += ["--", "--if-exists", "del-br", name]
        for name in sorted(n for n, p in self.ports.items() if p[0] == "br0"):
            words += ["--", "--if-exists", "del-port", name]
        words += ["--", "clear", "Open_vSwitch", ".", "other_config",
                  "--", "clear", "Bridge", "br0", "other_config", "flood_vlans",
                  "--", "set", "Bridge", "br0", "mcast_snooping_enable=false", "fail_mode=secure"]
        self.switch.must([*vsctl, *words[1:]])
        ofctl = self.clients["ofctl"][0]
        self.switch.must([*ofctl, "del-flows", "br0", f"cookie={COOKIE}/-1"])
        for what in ("del-groups", "del-meters"):
            self.switch.must([*ofctl, "-OOpenFlow13", what, "br0"])
        self.command("fdb/flush", "br0")
        self.command("revalidator/purge")
        self.bridges, self.ports = set(), {}
        for path in glob.glob(os.path.join(self.switch.rundir, "c[0-9]*")):
            os.unlink(path)
