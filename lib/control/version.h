/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which weir this is.  */

/* Any thread. */

/* "0.1.0" */
const char *version_get(void);
