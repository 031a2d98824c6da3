/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shapes: programs that the packet path runs faster than op by op. What a program is, is found when it
 * comes to be.  */

struct op_type;
struct program;

/* The flow keeper. */

/* 'last' is its last op. */
void shape_find(struct program *program, const struct op_type *last);
