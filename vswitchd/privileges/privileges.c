/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/privileges/privileges.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lib/errbuf.h"

int privileges_drop(const char *user, const char *const *directories, struct errbuf *err)
{
	int error = user ? user_become(user, directories, err) : 0;

	if (error)
		return error;
	error = capabilities_limit(geteuid() == 0, err);
	if (error)
		return error;
	/* Programs that are set-user-ID give nothing to us or to what we might start. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return errbuf_set(
			err, -errno, "cannot give up new privileges: %s", strerror(errno)
		);
	return syscalls_limit(err);
}
