#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# No tenant sees a frame of another's: tests/soak/tenants, briefly.
/usr/bin/python3 tests/soak/tenants --build "${WEIR_BUILD:-build}" || exit
# And it would notice.
if /usr/bin/python3 tests/soak/tenants --build "${WEIR_BUILD:-build}" --worlds 1 --break |
	grep '^not ok.*came out of' >/dev/null; then
	echo "ok - tenants: a port in another tenant's network is noticed"
else
	echo "not ok - tenants: a port in another tenant's network is noticed"
	exit 1
fi
