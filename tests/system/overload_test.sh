#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Floods of everything: tests/soak/overload, briefly.
exec /usr/bin/python3 tests/soak/overload --build "${WEIR_BUILD:-build}"
