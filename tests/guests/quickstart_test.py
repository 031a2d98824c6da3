#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The quickstart's two guests: they talk, what it says to type next works, and it leaves nothing behind.
The long form only: it boots guests like any other test's."""

import os
import re
import subprocess
import sys

from topic import PATIENCE, Topic, eventually

SECONDS = 180


def run(topic, *words):
    """What a command says, or None when it fails."""
    done = subprocess.run(words, env=topic.environment, capture_output=True, text=True, check=False,
                          timeout=SECONDS * PATIENCE, stdin=subprocess.DEVNULL)
    return None if done.returncode else done.stdout


def start(topic):
    prefix = f"wg{os.getpid()}"
    topic.environment = os.environ | {"WEIR_QUICKSTART": prefix, "WEIR_BUILD": topic.build}
    topic.rundir = f"/run/weir-{prefix}-vms"
    topic.at_end.append(f"WEIR_QUICKSTART={prefix} WEIR_BUILD={topic.build} ./quickstart stop >/dev/null")
    topic.said = run(topic, "./quickstart", "--vms") or ""
    topic.check("two guests are there and talk", "3 packets received, 0% packet loss" in topic.said)


def hears(topic):
    said = run(topic, "tests/guests/orders.py", f"{topic.rundir}/vm1.orders", "ping -c 3 192.0.2.2")
    return said is not None and " 0% packet loss" in said


def typed(topic):
    """What it says to type next."""
    topic.check("a command in a guest", hears, topic)
    killed = re.search(r"^ *(kill -9 .*--pidfile)$", topic.said, re.MULTILINE)
    topic.check("the switch can be killed and started", lambda: run(topic, "bash", "-c", killed[1]) is not None)
    topic.check("and the guests talk again", eventually, 30, hears, topic)


def stop(topic):
    topic.check("it can be stopped", lambda: run(topic, "./quickstart", "stop") is not None)
    topic.check("and nothing is left", eventually, 20, lambda: not os.path.exists(topic.rundir)
                and subprocess.run(["pgrep", "-f", topic.rundir], stdout=subprocess.DEVNULL,
                                   check=False).returncode == 1)


if __name__ == "__main__":
    quickstart = Topic("quickstart")
    sys.exit(quickstart.run([start, typed, stop] if quickstart.is_long else []))
