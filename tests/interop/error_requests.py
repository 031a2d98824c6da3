# SPDX-License-Identifier: Apache-2.0
"""What is wrong with requests, actions, instructions and matches."""
# pylint: disable=unused-argument
from error_bytes import *  # pylint: disable=wildcard-import,unused-wildcard-import

generations = [100]


@error("BRC_BAD_VERSION")
def other_version(peer):
    return 5, b"", 3


@error("BRC_BAD_TYPE")
def unknown_type(peer):
    return 99, b""


@error("BRC_BAD_MULTIPART")
def unknown_multipart(peer):
    return multipart(peer, 200)


@error("BRC_BAD_EXPERIMENTER")
def unknown_vendor(peer):
    return 4, pack("!II", NOBODY, 1)


@error("BRC_BAD_EXP_TYPE")
def unknown_subtype(peer):
    return 4, pack("!II", NICIRA, 9999)


@error("BRC_BAD_LEN")
def short_message(peer):
    return 14, bytes(8)


@error("BRC_BUFFER_UNKNOWN")
def unknown_buffer(peer):
    if peer.number == "10":
        return 13, pack("!IHH", 5, 1, 8) + output(2, 10)
    if peer.number == "15":
        return 13, pack("!IHxx", 5, 16) + match(oxm(0, pack("!I", 1))) + output(2)
    return 13, pack("!IIH6x", 5, 1, 16) + output(2)


@error("BRC_BAD_TABLE_ID", TABLES)
def flows_of_no_table(peer):
    return multipart(peer, 1, pack("!BxxxII4xQQ", 254, ANY, ANY, 0, 0) + match())


@error("BRC_IS_SLAVE", TABLES)
def change_as_secondary(peer):
    peer.raw(24, pack("!I4xQ", 3, next_generation()))
    peer.barrier()
    return flow()


@error("BRC_BAD_PORT", TABLES)
def packet_from_no_port(peer):
    if peer.number == "15":
        return 13, pack("!IHxx", ANY, 16) + match(oxm(0, pack("!I", 0xffffff55))) + output(
            2) + bytes(60)
    return 13, pack("!IIH6x", ANY, 0xffffff55, 16) + output(2) + bytes(60)


@error("BRC_BAD_PORT", TABLES)
def statistics_of_no_port(peer):
    return multipart(peer, 4, pack("!I4x", 999))


@error("BRC_BAD_PACKET", TABLES)
def packet_that_is_none(peer):
    if peer.number == "15":
        return 13, pack("!IHxx", ANY, 16) + match(oxm(0, pack("!I", 1))) + output(2) + bytes(3)
    return 13, pack("!IIH6x", ANY, 1, 16) + output(2) + bytes(3)


@error("BRC_PIPELINE_FIELDS_ONLY", LAST)
def packet_out_with_headers(peer):
    return 13, pack("!IHxx", ANY, 16) + match(oxm(0, pack("!I", 1)), oxm(5, b"\x08\x00")) + output(
        2) + bytes(60)


def next_generation():
    """Roles are given by later and later masters."""
    generations.append(generations[-1] + 1)
    return generations[-1]


# Actions.

@error("BAC_BAD_TYPE")
def unknown_action(peer):
    return with_action(peer, pack("!HH4x", 200, 8))


@error("BAC_BAD_LEN")
def action_of_wrong_length(peer):
    return with_action(peer, pack("!HH12x", 0, 16) if peer.number == "10" else
                       pack("!HHI", 0, 8, 1))


@error("BAC_BAD_EXPERIMENTER")
def action_of_nobody(peer):
    return with_action(peer, pack("!HHI", 0xffff, 8, NOBODY))


@error("BAC_BAD_EXP_TYPE")
def unknown_nicira_action(peer):
    return with_action(peer, pack("!HHIH6x", 0xffff, 16, NICIRA, 9999))


@error("BAC_BAD_OUT_PORT")
def output_to_no_port(peer):
    return with_action(peer, output(0, 10) if peer.number == "10" else output(0))


@error("BAC_BAD_ARGUMENT")
def tag_that_cannot_be(peer):
    if peer.number == "10":
        return flow10(pack("!HHHxx", 1, 8, 0x5000))
    return with_action(peer, pack("!HHHxx", 17, 8, 0x1234))


@error("BAC_BAD_OUT_GROUP", TABLES)
def output_to_no_group(peer):
    return with_action(peer, to_group(99))


@error("BAC_MATCH_INCONSISTENT", TABLES)
def field_that_packets_lack(peer):
    return with_action(peer, set_field(oxm(14, pack("!H", 80))))


@error("BAC_BAD_SET_TYPE", TABLES)
def set_unknown_field(peer):
    return with_action(peer, set_field(oxm(100, pack("!H", 80))))


@error("BAC_BAD_SET_LEN", TABLES)
def set_too_little(peer):
    return with_action(peer, set_field(oxm(3, bytes(5))))


@error("BAC_BAD_SET_ARGUMENT", TABLES)
def set_too_much(peer):
    return flow(match(oxm(5, b"\x08\x00")), apply_actions(set_field(oxm(8, b"\xff"))))


@error("BAC_BAD_SET_MASK", LAST)
def set_bits_of_a_whole(peer):
    return flow(match(oxm(5, b"\x88\x47")),
                apply_actions(set_field(oxm(34, pack("!I", 1), pack("!I", 2)))))


@error("BAC_BAD_METER", LAST)
def through_no_meter(peer):
    return with_action(peer, pack("!HHI", 29, 8, 99))


# Instructions.

@error("BIC_UNKNOWN_INST", TABLES)
def unknown_instruction(peer):
    return flow(instructions=pack("!HH4x", 99, 8))


@error("BIC_BAD_TABLE_ID", TABLES)
def goto_no_table(peer):
    return flow(instructions=pack("!HHBxxx", 1, 8, 254))


@error("BIC_BAD_TABLE_ID", TABLES)
def goto_back(peer):
    return flow(table=5, instructions=pack("!HHBxxx", 1, 8, 5))


@error("BIC_BAD_EXPERIMENTER", TABLES)
def instruction_of_nobody(peer):
    return flow(instructions=pack("!HHI", 0xffff, 8, NOBODY))


@error("BIC_BAD_LEN", TABLES)
def instruction_of_wrong_length(peer):
    return flow(instructions=pack("!HH12x", 1, 16))


@error("BIC_DUP_INST", PROPERTIES)
def same_instruction_twice(peer):
    return flow(instructions=pack("!HHBxxx", 1, 8, 5) * 2)


# Matches.

@error("BMC_BAD_TYPE", TABLES)
def old_match(peer):
    return flow(match(oxm(0, pack("!I", 1)), kind=0))


@error("BMC_BAD_LEN", TABLES)
def field_of_wrong_length(peer):
    return flow(match(oxm(5, bytes(3))))


@error("BMC_BAD_WILDCARDS", TABLES)
def value_outside_of_mask(peer):
    return flow(match(oxm(3, b"\xff" * 6, b"\xf0" + bytes(5))))


@error("BMC_BAD_FIELD", TABLES)
def unknown_field(peer):
    return flow(match(oxm(100, bytes(2))))


@error("BMC_BAD_VALUE", TABLES)
def value_that_cannot_be(peer):
    return flow(match(oxm(5, b"\x08\x00"), oxm(8, b"\x7f")))


@error("BMC_BAD_MASK", TABLES)
def mask_of_a_whole(peer):
    return flow(match(oxm(5, b"\x08\x00", b"\xff\x00")))


@error("BMC_BAD_PREREQ", TABLES)
def port_without_protocol(peer):
    return flow(match(oxm(14, pack("!H", 80))))


@error("BMC_DUP_FIELD", TABLES)
def same_field_twice(peer):
    return flow(match(oxm(5, b"\x08\x00"), oxm(5, b"\x08\x00")))
