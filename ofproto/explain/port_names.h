/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Port names of a bridge, for those who parse and format text.  */

#include "lib/flow/names.h"

struct view_bridge;

/* Main thread. Good until the bridge's view is replaced. */
struct names port_names(const struct view_bridge *view);
