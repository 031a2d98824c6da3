/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The rows of Datapath by which clients such as OVN learn what the datapath can do. There is one
 * datapath; it is published under both names that clients look for.  */

struct db;

/* Main thread. */

/* Adds what is missing and brings capabilities up to date. */
void datapath_rows_write(struct db *db);
