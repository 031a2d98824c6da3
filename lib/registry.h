/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Registries: open families whose members are found by the linker.
 *
 * A member is a const descriptor in its own file; REGISTRY_ADD puts a pointer to it into a linker
 * section named after the family. Nothing runs before main, and a family whose archive was not
 * linked is a link error. Executables link family archives with link_whole.
 *
 *	REGISTRY_DECLARE(port_type, struct port_type)           in the family's header
 *	REGISTRY_ADD(port_type, port_type_tap);                 in the member's file, last
 *	REGISTRY_FOREACH(port_type, type) { type->name … }      wherever the family is walked
 *
 * The order of members is the linker's: who needs an order sorts.  */

#include <stddef.h>

#define REGISTRY_DECLARE(family, type)                                                             \
	typedef type registry_type_##family;                                                       \
	extern type *const __start_registry_##family[];                                            \
	extern type *const __stop_registry_##family[]

#define REGISTRY_ADD(family, entry)                                                                \
	static registry_type_##family *const registry_##family##_##entry                           \
		__attribute__((used, section("registry_" #family))) = &(entry)

#define REGISTRY_FOREACH(family, var)                                                              \
	for (registry_type_##family *const *var##_at = __start_registry_##family, *var;            \
	     var##_at < __stop_registry_##family && (var = *var##_at, 1);                          \
	     var##_at++)

#define REGISTRY_COUNT(family) ((size_t)(__stop_registry_##family - __start_registry_##family))
