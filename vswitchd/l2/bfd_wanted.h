/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How the row of an interface wants its far end watched.  */

struct bfd_settings;
struct db_row;

/* Main thread. */

/* To be freed; NULL: it is not to be watched. What cannot be read counts as not said. */
struct bfd_settings *bfd_wanted_new(const struct db_row *interface);
