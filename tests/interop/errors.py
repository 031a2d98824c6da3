#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Walks the tables of errors of OpenFlow 1.0.0, 1.3.5, 1.4.1 and 1.5.1: each error that a switch may
have to send is provoked and must come with the type and code of its version, the xid of what was
wrong, and its first bytes.

    errors.py RUNDIR ERRORS.OF      br0 has the ports 1, 2 and 3
"""
import socket
import struct
import sys

import error_changes  # pylint: disable=unused-import
import error_requests  # pylint: disable=unused-import
import openflow
from error_bytes import ALL, ANY, flow, flow10, group, meter, pack, provocations
from openflow import Peer

RUNDIR, TABLE = sys.argv[1:]
MGMT = RUNDIR + "/br0.mgmt"
COLUMNS = {"10": 0, "13": 2, "14": 3, "15": 4}
cases = openflow.Cases()

# What this switch never has a reason to say, and why not.
NEVER = {
    "nobody is denied anything but by role": """HFC_EPERM BRC_EPERM BAC_EPERM BIC_EPERM BMC_EPERM
        FMFC_EPERM GMFC_EPERM PMFC_EPERM TMFC_EPERM QOFC_EPERM SCFC_EPERM BPC_EPERM ACFC_EPERM
        BFC_EPERM""",
    "there are no buffers, and none is empty": "BRC_BUFFER_EMPTY",
    "every fault has its own error": "BRC_UNKNOWN FMFC_UNKNOWN MMFC_UNKNOWN MOFC_UNKNOWN BFC_UNKNOWN",
    "it can do that": """BIC_UNSUP_INST BIC_UNSUP_METADATA BIC_UNSUP_METADATA_MASK BAC_UNSUPPORTED_ORDER
        BMC_BAD_TAG BMC_BAD_DL_ADDR_MASK BMC_BAD_NW_ADDR_MASK FMFC_UNSUPPORTED FMFC_BAD_TIMEOUT
        FMFC_BAD_PRIORITY GMFC_WEIGHT_UNSUPPORTED GMFC_CHAINING_UNSUPPORTED GMFC_WATCH_UNSUPPORTED
        RRFC_UNSUP MMFC_BAD_RATE MMFC_BAD_BURST BAC_BAD_TAG SCFC_BAD_LEN""",
    "tables are never synchronised": "FMFC_CANT_SYNC FMFC_IS_SYNC",
    "more than one message can hold": "GMFC_OUT_OF_BUCKETS",
    "a limit too far away for this test": """FMFC_TABLE_FULL GMFC_OUT_OF_GROUPS MMFC_OUT_OF_METERS
        BFC_MSG_TOO_MANY BAC_TOO_MANY BRC_MULTIPART_BUFFER_OVERFLOW BPC_TOO_MANY""",
    "nothing is given up while it is asked": "BRC_MULTIPART_REQUEST_TIMEOUT BRC_MULTIPART_REPLY_TIMEOUT",
    "nothing is done at a later time": """BRC_MULTIPART_BAD_SCHED BFC_SCHED_NOT_SUPPORTED
        BFC_SCHED_FUTURE BFC_SCHED_PAST""",
    "tables' features are what they are: EPERM says so": """TFFC_BAD_TABLE TFFC_BAD_METADATA TFFC_BAD_TYPE
        TFFC_BAD_LEN TFFC_BAD_ARGUMENT TFFC_BAD_CAP TFFC_BAD_MAX_ENT TFFC_BAD_FEATURES
        TFFC_BAD_COMMAND TFFC_TOO_MANY""",
    "no experimenter's instructions or properties are known": """BIC_BAD_EXP_TYPE BPC_BAD_EXP_TYPE
        BPC_BAD_EXP_VALUE""",
    "a group that others send to goes, and with it what they send": "GMFC_CHAINED_GROUP",
    "short ids are no concern of a switch with one bridge": "RRFC_ID_UNSUP RRFC_ID_IN_USE",
    "a bundle is tried as a whole when it is committed": """BFC_MSG_CONFLICT BFC_BUNDLE_IN_PROGRESS
        BFC_MSG_BAD_LEN""",
    "queues are named by whoever has them": "BAC_BAD_QUEUE",
    "a monitor may wait for ports that are not there yet": "MOFC_BAD_OUT MOFC_INVALID_MONITOR",
    "bundle.py waits for it": "BFC_TIMEOUT",
    "a bundle has the version of its connection": "BFC_BAD_VERSION",
    "what a device cannot advertise it leaves out": "PMFC_BAD_ADVERTISE",
    "more than the last drop precedence is the last": "MMFC_BAD_BAND_VALUE",
    "what is wrong with a group as a whole makes it invalid": "GMFC_BAD_BUCKET GMFC_BAD_WATCH",
}


def read_table():
    """{error: [(type, code) or None for each column]}: OpenFlow's own."""
    table = {}
    with open(TABLE, encoding="ascii") as lines:
        for line in lines:
            words = line.split()
            if words and words[0].startswith("OFP"):
                table[words[0][3:]] = [read_code(*word.split(",")) for word in words[1:]]
    return table


def read_code(kind, code=None):
    if kind == "-" or (kind.startswith("nx") and kind != "nx"):
        return None
    return 0xffff if kind in ("nx", "onf") else int(kind), int(code)


def addresses():
    """{port number: MAC}"""
    peer = Peer(MGMT, "13")
    reply = peer.ask(peer.p.OFPPortDescStatsRequest(peer.desc, 0))
    peer.close()
    return {port.port_no: bytes.fromhex(port.hw_addr.replace(":", "")) for port in reply.body}


def clean(version):
    """A connection to a switch without flows, groups and meters."""
    peer = Peer(MGMT, version)
    peer.number = version
    peer.addresses = ADDRESSES
    if version == "10":
        peer.raw(*flow10(command=3))
    else:
        peer.raw(*flow(table=255, command=3))
        peer.raw(*group(peer, command=2, number=0xfffffffc))
        peer.raw(*meter(command=2, number=ANY, bands=b""))
    peer.barrier()
    peer.inbox.clear()
    return peer


def provoke(name, version, function, wanted):
    peer = clean(version)
    try:
        xid = peer.raw(*function(peer))
        peer.barrier()
        replies = [m for m in peer.inbox if m.xid == xid]
        assert replies and replies[0].msg_type == 1, "no error came: %s" % replies
        data = bytes(replies[0].buf)
        kind, code = struct.unpack("!HH", data[8:12])
        assert (kind, code) == wanted, "wanted %s, got %s %s" % (
            wanted, (kind, code), name_of(version, kind, code))
        about = data[16:] if kind == 0xffff else data[12:]
        assert about[4:8] == data[4:8], "the message that was wrong does not come back"
    finally:
        peer.close()


def name_of(version, kind, code):
    column = COLUMNS[version]
    return [name for name, codes in table.items() if codes[column] == (kind, code)]


def no_common_version(version):
    """Hello with a bitmap that offers nothing."""
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(MGMT)
    sock.settimeout(openflow.PATIENCE)
    sock.sendall(pack("!BBHIHHI", int(version, 16), 0, 16, 1, 1, 8, 4))
    data = b""
    while True:
        more = sock.recv(4096)
        if not more:
            break
        data += more
    size = struct.unpack("!H", data[2:4])[0]
    assert data[size + 1] == 1 and data[size + 8:size + 12] == bytes(4), data[size:]


def complete():
    """Every row of the table is provoked, or has a reason not to be."""
    done = {name for name, _, _ in provocations} | {"HFC_INCOMPATIBLE"}
    done |= {name for names in NEVER.values() for name in names.split()}
    missing, twice = set(table) - done, done - set(table)
    assert not missing and not twice, (missing, twice)


table = read_table()
ADDRESSES = addresses()
for spoken in ALL:
    for name, versions, function in provocations:
        codes = table[name][COLUMNS[spoken]]
        if spoken in versions and codes:
            words = function.__name__.replace("_", " ")
            cases.check("%s.%s: %s: %s" % (spoken[0], spoken[1], name, words), provoke, name, spoken,
                        function, codes)
cases.check("no common version", no_common_version, "5")
cases.check("every error is looked at", complete)
cases.end()
