/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What this program was built with: every member of every registry. The lint compares the list with
 * a golden one, so that a member that was not linked does not go unnoticed.  */

/* Main thread. */

void registries_print(void);
