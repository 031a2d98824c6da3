/* SPDX-License-Identifier: Apache-2.0 */

/* Becoming another user, with the capabilities kept.  */

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/errbuf.h"
#include "lib/xmalloc.h"
#include "vswitchd/privileges/privileges.h"

struct identity {
	char *name;
	uid_t uid;
	gid_t gid;
};

static int find(const char *words, struct identity *identity, struct errbuf *err)
{
	const char *colon = strchr(words, ':');

	identity->name = xstrndup(words, colon ? (size_t)(colon - words) : strlen(words));
	const struct passwd *user = getpwnam(identity->name);

	if (!user)
		return errbuf_set(
			err,
			-ENOENT,
			"--user=%s: there is no user %s: make one with adduser --system %s",
			words,
			identity->name,
			identity->name
		);
	identity->uid = user->pw_uid;
	identity->gid = user->pw_gid;
	if (!colon)
		return 0;
	const struct group *group = getgrnam(colon + 1);

	if (!group)
		return errbuf_set(
			err, -ENOENT, "--user=%s: there is no group %s", words, colon + 1
		);
	identity->gid = group->gr_gid;
	return 0;
}

/* What is there already belongs to whom it belongs. */
static int make_own(const char *path, const struct identity *identity, struct errbuf *err)
{
	char *copy = xstrdup(path);
	bool made = false;
	int error = 0;

	for (char *at = copy + 1; !error; at++) {
		char c = *at;

		if (c && c != '/')
			continue;
		*at = '\0';
		made = !mkdir(copy, 0755);
		if (!made && errno != EEXIST)
			error = -errno;
		*at = c;
		if (!c)
			break;
	}
	if (made && chown(path, identity->uid, identity->gid))
		error = -errno;
	free(copy);
	return error ? errbuf_set(
			       err,
			       error,
			       "%s: cannot make the directory for user %s: %s",
			       path,
			       identity->name,
			       strerror(-error)
		       )
		     : 0;
}

static int become(const struct identity *identity, struct errbuf *err)
{
	const char *what = NULL;

	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
		what = "keep capabilities";
	else if (initgroups(identity->name, identity->gid))
		what = "take its groups";
	else if (setresgid(identity->gid, identity->gid, identity->gid))
		what = "take its group";
	else if (setresuid(identity->uid, identity->uid, identity->uid))
		what = "become it";
	if (what)
		return errbuf_set(
			err,
			-errno,
			"--user=%s: cannot %s (%s): start the daemon as root",
			identity->name,
			what,
			strerror(errno)
		);
	/* Or its own files in /proc would not be its own. */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return 0;
}

int user_become(const char *user, const char *const *directories, struct errbuf *err)
{
	struct identity identity = {0};
	int error = find(user, &identity, err);

	for (; !error && *directories; directories++)
		error = make_own(*directories, &identity, err);
	if (!error)
		error = become(&identity, err);
	free(identity.name);
	return error;
}
