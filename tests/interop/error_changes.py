# SPDX-License-Identifier: Apache-2.0
"""What is wrong with changes to flows, groups, ports, meters, properties and bundles."""
# pylint: disable=unused-argument
from error_bytes import *  # pylint: disable=wildcard-import,unused-wildcard-import
from error_requests import next_generation


# Flows.

@error("FMFC_BAD_TABLE_ID", TABLES)
def add_to_all_tables(peer):
    return flow(table=255)


@error("FMFC_BAD_TABLE_ID", TABLES)
def add_to_no_table(peer):
    return flow(table=254)


@error("FMFC_OVERLAP")
def two_that_overlap(peer):
    if peer.number == "10":
        peer.raw(*flow10())
        return flow10(flags=2, wildcards=0x3ffffe)
    peer.raw(*flow())
    return flow(match(oxm(0, pack("!I", 1))), flags=2)


@error("FMFC_BAD_EMERG_TIMEOUT", ("10",))
def emergency_with_timeout(peer):
    return flow10(flags=4, idle=5)


@error("FMFC_BAD_COMMAND")
def unknown_flow_command(peer):
    return flow10(command=9) if peer.number == "10" else flow(command=9)


@error("FMFC_BAD_FLAGS", TABLES)
def unknown_flow_flags(peer):
    return flow(flags=0x4000)


# Groups.

@error("GMFC_GROUP_EXISTS", TABLES)
def same_group_twice(peer):
    peer.raw(*group(peer))
    return group(peer)


@error("GMFC_INVALID_GROUP", TABLES)
def group_beyond_the_last(peer):
    return group(peer, number=0xffffff05)


@error("GMFC_LOOP", TABLES)
def groups_in_a_circle(peer):
    peer.raw(*group(peer, number=1))
    peer.raw(*group(peer, number=2, buckets=[bucket(peer, to_group(1))]))
    return group(peer, command=1, number=1, buckets=[bucket(peer, to_group(2))])


@error("GMFC_UNKNOWN_GROUP", TABLES)
def change_no_group(peer):
    return group(peer, command=1, number=77)


@error("GMFC_BAD_TYPE", TABLES)
def group_of_no_type(peer):
    return group(peer, kind=9)


@error("GMFC_BAD_COMMAND", TABLES)
def unknown_group_command(peer):
    return group(peer, command=77)


@error("GMFC_INVALID_GROUP", TABLES)
def failover_without_watching(peer):
    return group(peer, kind=3, buckets=[bucket(peer, output(2))])


@error("GMFC_INVALID_GROUP", TABLES)
def indirect_to_two(peer):
    return group(peer, kind=2, buckets=[bucket(peer, output(2)), bucket(peer, output(3), number=1)])


@error("GMFC_UNKNOWN_BUCKET", LAST)
def take_out_no_bucket(peer):
    peer.raw(*group(peer, buckets=[bucket(peer, output(2))]))
    return group(peer, command=5, bucket_id=77)


@error("GMFC_BUCKET_EXISTS", LAST)
def put_in_the_same_bucket(peer):
    peer.raw(*group(peer, buckets=[bucket(peer, output(2), number=7)]))
    return group(peer, command=3, buckets=[bucket(peer, output(2), number=7)], bucket_id=0xfffffffe)


# Ports, tables, queues, configuration, roles.

@error("PMFC_BAD_PORT")
def change_no_port(peer):
    return port_mod(peer, 999, b"\2\0\0\0\0\1")


@error("PMFC_BAD_HW_ADDR")
def change_another_port(peer):
    return port_mod(peer, 1, b"\2\0\0\0\0\x77")


@error("PMFC_BAD_CONFIG", TABLES)
def unknown_port_config(peer):
    return port_mod(peer, 1, None, 0x80000000)


@error("TMFC_BAD_TABLE", TABLES)
def set_up_no_table(peer):
    return 17, pack("!BxxxI", 254, 0)


@error("TMFC_BAD_CONFIG", TABLES)
def unknown_table_config(peer):
    return 17, pack("!BxxxI", 1, 0x80)


@error("QOFC_BAD_PORT")
def queues_of_no_port(peer):
    return multipart(peer, 5, pack("!HxxI", 999, ANY) if peer.number == "10" else
                     pack("!II", 999, ANY))


@error("QOFC_BAD_QUEUE")
def no_such_queue(peer):
    return multipart(peer, 5, pack("!HxxI", 1, 77) if peer.number == "10" else pack("!II", 1, 77))


@error("SCFC_BAD_FLAGS", TABLES)
def unknown_config_flags(peer):
    return 9, pack("!HH", 0xff, 128)


@error("RRFC_STALE", TABLES)
def role_of_the_past(peer):
    peer.raw(24, pack("!I4xQ", 2, next_generation()))
    return 24, pack("!I4xQ", 2, 1)


@error("RRFC_BAD_ROLE", TABLES)
def unknown_role(peer):
    return 24, pack("!I4xQ", 9, 0)


# Meters.

@error("MMFC_METER_EXISTS", TABLES)
def same_meter_twice(peer):
    peer.raw(*meter())
    return meter()


@error("MMFC_INVALID_METER", TABLES)
def meter_of_no_number(peer):
    return meter(number=0)


@error("MMFC_UNKNOWN_METER", TABLES)
def change_no_meter(peer):
    return meter(command=1, number=77)


@error("MMFC_BAD_COMMAND", TABLES)
def unknown_meter_command(peer):
    return meter(command=9)


@error("MMFC_BAD_FLAGS", TABLES)
def both_units(peer):
    return meter(flags=3)


@error("MMFC_BAD_BAND", TABLES)
def unknown_band(peer):
    return meter(bands=pack("!HHII4x", 77, 16, 100, 0))


@error("MMFC_OUT_OF_BANDS", TABLES)
def too_many_bands(peer):
    return meter(bands=b"".join(pack("!HHII4x", 1, 16, 100 + i, 0) for i in range(2000)))


@error("TFFC_EPERM", TABLES)
def change_features(peer):
    size = 64
    return multipart(peer, 12, pack("!HB5x32sQQII", size, 1, b"x", 0, 0, 0, 1))


# Properties.

@error("BPC_BAD_TYPE", PROPERTIES)
def unknown_property(peer):
    return port_mod(peer, more=pack("!HHI", 99, 8, 0))


@error("BPC_BAD_LEN", PROPERTIES)
def property_of_wrong_length(peer):
    return port_mod(peer, more=pack("!HHI", 0, 3, 0))


@error("BPC_BAD_EXPERIMENTER", PROPERTIES)
def property_of_nobody(peer):
    return port_mod(peer, more=pack("!HHII", 0xffff, 12, NOBODY, 1) + bytes(4))


@error("BPC_DUP_TYPE", PROPERTIES)
def same_property_twice(peer):
    return port_mod(peer, more=pack("!HHI", 0, 8, 0) * 2)


@error("BPC_BAD_VALUE", PROPERTIES)
def vacancy_upside_down(peer):
    return 17, pack("!BxxxI", 1, 8) + pack("!HHBBBx", 3, 8, 90, 10, 0)


@error("ACFC_UNSUPPORTED", PROPERTIES)
def unknown_async(peer):
    return 28, pack("!HHI", 12, 8, 1)


@error("ACFC_INVALID", PROPERTIES)
def unknown_reasons(peer):
    return 28, pack("!HHI", 0, 8, 0x80000000)


# Bundles.

@error("BFC_BAD_ID", TABLES)
def commit_no_bundle(peer):
    return bundle(peer, 77, 4)


@error("BFC_BUNDLE_EXIST", TABLES)
def open_twice(peer):
    peer.raw(*bundle(peer))
    return bundle(peer)


@error("BFC_BUNDLE_CLOSED", TABLES)
def add_to_a_closed_one(peer):
    peer.raw(*bundle(peer))
    peer.raw(*bundle(peer, kind=2))
    return bundled(peer)


@error("BFC_OUT_OF_BUNDLES", TABLES)
def open_many(peer):
    for i in range(1000):
        peer.raw(*bundle(peer, 1000 + i))
    return bundle(peer, 5000)


@error("BFC_BAD_TYPE", TABLES)
def unknown_bundle_command(peer):
    return bundle(peer, kind=99)


@error("BFC_BAD_FLAGS", TABLES)
def change_of_mind(peer):
    peer.raw(*bundle(peer, flags=1))
    return bundled(peer, flags=2)


@error("BFC_MSG_BAD_XID", TABLES)
def two_xids(peer):
    peer.raw(*bundle(peer))
    return bundled(peer, xid=12345678)


@error("BFC_MSG_UNSUP", TABLES)
def echo_in_a_bundle(peer):
    peer.raw(*bundle(peer))
    return bundled(peer, inner=(2, b""))


@error("BFC_MSG_UNSUP", TABLES)
def role_in_a_bundle(peer):
    peer.raw(*bundle(peer))
    return bundled(peer, inner=(24, pack("!I4xQ", 2, 1)))


@error("BFC_MSG_FAILED", TABLES)
def bundle_that_fails(peer):
    peer.raw(*bundle(peer))
    peer.raw(*bundled(peer, inner=group(peer, command=1, number=77)))
    return bundle(peer, kind=4)


# Flow monitors of OpenFlow 1.4.

def monitor(peer, number=1, command=0, flags=0x2, table=255, port=ANY):
    return multipart(peer, 16, pack("!IIIHBB", number, port, ANY, flags, table, command) + match())


@error("MOFC_MONITOR_EXISTS", PROPERTIES)
def same_monitor_twice(peer):
    peer.raw(*monitor(peer))
    return monitor(peer)


@error("MOFC_UNKNOWN_MONITOR", PROPERTIES)
def change_no_monitor(peer):
    return monitor(peer, 77, command=1)


@error("MOFC_BAD_COMMAND", PROPERTIES)
def unknown_monitor_command(peer):
    return monitor(peer, command=9)


@error("MOFC_BAD_FLAGS", PROPERTIES)
def unknown_monitor_flags(peer):
    return monitor(peer, flags=0x8000)


@error("MOFC_BAD_TABLE_ID", PROPERTIES)
def monitor_no_table(peer):
    return monitor(peer, table=254)
