/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the daemon says of itself to clients made for Open vSwitch.  */

/* The release of Open vSwitch whose documented interfaces this daemon offers; clients that look at
 * Open_vSwitch.ovs_version compare it with their own needs. */
#define COMPATIBLE_VERSION "3.1.0"
