/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Faults: what is wrong with the rows of bridges and ports, in sentences for those who wrote them.  */

struct db_row;

/* Main thread. What is new is logged. */

/* Of a row of Bridge, to be freed; NULL: nothing. */
char *faults_of_bridge(const struct db_row *row);
/* Of a row of Port, which has no column for them: its interfaces tell; otherwise the same. */
char *faults_of_port(const struct db_row *port);
