/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/port.h"
#include "datapath/ports/tap_device.h"
#include "datapath/ports/tap_home.h"

static const struct port_type port_type_internal = {
	.name = "internal",
	.help = "A network device of the host that is one end of a switch port; it can be moved into a network namespace. Down until 'ip link set NAME up'.",
	.slow_close = true,
	.to_host = true,
	.follows_mtu = true,
	.rx_by_fd = true,
	.open = tap_device_open,
	.close = tap_device_close,
	.end_strays = tap_home_end_strays,
	.set_mtu = tap_device_set_mtu,
	.set_mac = tap_device_set_mac,
	.correct_stats = tap_device_correct_stats,
	.get_status = tap_device_get_status,
	.get_link = tap_device_get_link,
	.rx = tap_device_rx,
	.tx = tap_device_tx,
};
REGISTRY_ADD(port_type, port_type_internal);
