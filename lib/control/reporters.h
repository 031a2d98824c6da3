/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* All families of what tells about the daemon.  */

#include "lib/control/coverage.h"
#include "lib/control/memory.h"
#include "lib/metrics/metrics.h"
