#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The generator reads what the language allows, and says where it does not."""

import os
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "..", "..", "ofproto", "wire", "gen"))

import generate  # noqa: E402
import parse  # noqa: E402


def read(text):
    with tempfile.NamedTemporaryFile("w", suffix=".of") as f:
        f.write(text)
        f.flush()
        return parse.read_messages(f.name)


class ParseTest(unittest.TestCase):
    def test_versions(self):
        self.assertEqual(parse.parse_versions("all"), parse.ALL)
        self.assertEqual(parse.parse_versions("13"), (13,))
        self.assertEqual(parse.parse_versions("13-"), (13, 14, 15))
        self.assertEqual(parse.parse_versions("10-12"), (10, 11, 12))
        for wrong in ("9", "13-16x", "", "16"):
            with self.assertRaises(parse.DescriptionError):
                parse.parse_versions(wrong)

    def test_layouts_give_one_struct(self):
        structs, messages = read("struct s\n  13: self@u16 a:u8 pad1\n"
                                 "message m\n  10 type 1: x:u16 gone:u8 pad5\n"
                                 "  13- type 1: x:u32 n@u16 pad2 list:list(s,n)\n")
        self.assertEqual(list(generate.members(messages["m"])), ["x", "gone", "list"])
        self.assertEqual(generate.members(messages["m"])["x"].kind, "u32")
        self.assertEqual([la.min_size() for la in messages["m"].layouts], [8, 8])
        self.assertEqual(structs["s"].layouts[0].versions, (13,))

    def assert_refused(self, text, sentence):
        with self.assertRaisesRegex(parse.DescriptionError, sentence):
            read(text)

    def test_faults_name_their_line(self):
        self.assert_refused("message m\n  13 type 1: x:u17\n", r":2: 'x:u17' is not an item")
        self.assert_refused("  13: a:u8\n", r":1: a layout before")
        self.assert_refused("message m\n  13: a:u8\n", r":2: a message's layout needs")
        self.assert_refused("struct s\n  13 type 5: a:u8\n", r":2: a message's layout needs")
        self.assert_refused("message m\nmessage m\n", r":2: m is there twice")
        self.assert_refused("message m as q\n", r":1: no message 'q'")

    def test_faults_between_layouts(self):
        self.assert_refused("message m\n  13 type 1: a:u8\n  12- type 1: a:u8\n",
                            "m: two layouts for 13")
        self.assert_refused("message m\n  13 type 1: a:u8\nmessage o\n  13 type 1: a:u8\n",
                            "o and m are both type 1 in 13")
        self.assert_refused("message m\n  13 type 1: a:bytes(n)\n", "no length 'n' before a")
        self.assert_refused("message m\n  13 type 1: a:list(s)\n", "no struct 's'")

    def test_errors(self):
        with tempfile.NamedTemporaryFile("w") as f:
            f.write("# all\nOFPX_A 1,2 - 3,4 onf,5 6,7\n")
            f.flush()
            self.assertEqual(parse.read_errors(f.name), [
                ("OFPX_A", [(1, 2), (-1, -1), (3, 4), (-2, 5), (6, 7)])])


class GenerateTest(unittest.TestCase):
    def test_lengths_are_checked_and_written(self):
        structs, messages = read("struct s\n  13: self@u16 pad2 a:u32 rest:bytes\n"
                                 "message m\n  13 type 1: all:list(s)\n")
        c = generate.source(structs, messages)
        self.assertIn("length < 8 || length > wire_left(in)", c)
        self.assertIn("wire_patch_u16(out, self_at, start_);", c)
        self.assertIn("wire_pad8(out, start_);", c)
        h = generate.header(structs, messages)
        self.assertIn("struct of_s {\n\tuint32_t a;\n\tstruct wire_bytes rest;\n};", h)
        self.assertIn("bool of_s_next(struct wire_in *list, struct of_s *m);", h)


if __name__ == "__main__":
    unittest.main()
