# SPDX-License-Identifier: Apache-2.0
"""What every topic needs: a switch and guests of its own, and 'check', which says ok or not ok."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from daemon import PATIENCE, Daemon  # noqa: E402
from guest import Card, Guest, GuestError  # noqa: E402

SWITCH_OPTIONS = ("--no-hugepages",)
LAST_WORDS = 30  # lines of each log, when something went wrong


def eventually(seconds, condition, *args):
    """Whether the condition holds before the time is over, which is that of a machine that is not busy."""
    end = time.monotonic() + seconds * PATIENCE
    while not condition(*args):
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def tell(path):
    """The last lines of a log."""
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f.read().splitlines()[-LAST_WORDS:]:
            print(f"# {os.path.basename(path)}: {line[:200]}", flush=True)


class Topic:
    def __init__(self, name):
        self.name = name
        self.build = os.environ.get("WEIR_BUILD", "build")
        self.is_long = bool(os.environ.get("WEIR_LONG"))
        self.folder = tempfile.mkdtemp(prefix="weir-guests-")
        self.switches = []
        self.guests = []
        self.at_end = []  # commands
        self.failures = 0

    def switch(self, prefix=()):
        switch = Daemon(self.build, SWITCH_OPTIONS, prefix)
        self.switches.append(switch)
        return switch.start()

    def path(self, name):
        return os.path.join(self.folder, name)

    def guest(self, name, cards, incoming=None, image="image", **options):
        """Starts a guest; boot several before waiting for any. 'incoming': it is to arrive there."""
        guest = Guest(self.folder, name, os.path.join(self.build, "guests", image), cards, **options)
        self.guests.append(guest)
        return guest.start(incoming)

    def port(self, switch, bridge, name, mac, is_client=True, columns=(), **properties):
        """A vhost-user port, and the card that goes with it."""
        words = ["--may-exist", "add-br", bridge, "--", "add-port", bridge, name, *columns,
                 "--", "set", "Interface", name]
        if is_client:
            path = self.path(name)
            words += ["type=dpdkvhostuserclient", f"options:vhost-server-path={path}"]
        else:
            path = os.path.join(switch.rundir, name)
            words += ["type=dpdkvhostuser"]
        switch.vsctl(*words)
        return Card(path, mac, qemu_listens=is_client, **properties)

    def check(self, words, condition, *args):
        """One test: 'condition' is a value or a function, and what is wrong is said or thrown."""
        fault = ""
        try:
            good = condition(*args) if callable(condition) else condition
        except Exception as error:  # whatever it is, the test failed
            good, fault = False, str(error)
        print(f"{'ok' if good else 'not ok'} - {self.name}: {words}", flush=True)
        if not good:
            self.failures += 1
            for line in fault.splitlines():
                print("  " + line[:200], flush=True)
        return good

    def explain(self):
        """The last words of all who took part: they say what a failed check cannot."""
        for guest in self.guests:
            tell(guest.path("console"))
            tell(guest.path("log"))
        for switch in self.switches:
            tell(switch.log)

    def end(self):
        for guest in self.guests:
            guest.kill()
        if self.failures:
            self.explain()
        for switch in self.switches:
            fault = switch.stop()
            if fault:
                self.check(f"the switch ends well: {fault}", False)
            switch.remove()
        for command in reversed(self.at_end):
            subprocess.run(command, shell=True, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, steps):
        """Runs the topic's functions in order and returns the exit status."""
        start = time.monotonic()
        try:
            for step in steps:
                step(self)
        except Exception:
            self.check("the test came to its end", False)
            print("  " + traceback.format_exc().replace("\n", "\n  "))
        finally:
            self.end()
        print(f"# {self.name}: {time.monotonic() - start:.0f} s", flush=True)
        return int(self.failures > 0)


__all__ = ["PATIENCE", "Card", "Guest", "GuestError", "Topic", "eventually"]
