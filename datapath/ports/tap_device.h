/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Tap devices: network devices of the kernel whose other end is a descriptor of ours. What the types
 * 'tap' and 'internal' have in common, which is all.
 *
 * The device exists as long as the port, whether or not a daemon runs: see tap_home.h. It may be
 * moved into another network namespace and renamed there at any time. As with OVS it is down until its user brings it up.  */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "lib/types.h"

struct batch;
struct errbuf;
struct port;
struct port_rxq;
struct port_stats;
struct rte_mbuf;

/* Members of struct port_type (datapath/port.h). */

/* Main thread. */

struct port *tap_device_open(const char *name, const json_t *options, struct errbuf *err);
void tap_device_close(struct port *port);
int tap_device_set_mtu(struct port *port, uint16_t mtu, struct errbuf *err);
int tap_device_set_mac(struct port *port, struct mac mac, struct errbuf *err);
void tap_device_get_status(const struct port *port, json_t *status);
bool tap_device_get_link(const struct port *port);
void tap_device_correct_stats(const struct port *port, struct port_stats *stats);

/* Workers. */

uint16_t tap_device_rx(struct port_rxq *rxq, struct batch *batch);
uint16_t tap_device_tx(struct port *port, uint16_t queue, struct rte_mbuf **pkts, uint16_t n);
