/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/saved/saved_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "lib/errbuf.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

enum {
	DIGEST_SIZE = 32
};

static const char magic[8] = "weirsave";

/* All numbers in network order. */
struct head {
	char magic[8];
	be32 version;
	be32 zero;
	be64 size; /* of what follows the head */
	be64 written_ms; /* since 1970 */
	uint8_t digest[DIGEST_SIZE]; /* of the above and of what follows */
};
static_assert(sizeof(struct head) == 64, "saved file: the head has grown");

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void digest(const struct head *head, const uint8_t *data, size_t n, uint8_t out[DIGEST_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	EVP_DigestInit_ex(context, EVP_sha256(), NULL);
	EVP_DigestUpdate(context, head, offsetof(struct head, digest));
	EVP_DigestUpdate(context, data, n);
	EVP_DigestFinal_ex(context, out, NULL);
	EVP_MD_CTX_free(context);
}

static int write_all(int fd, const void *data, size_t n)
{
	for (const uint8_t *at = data; n;) {
		ssize_t written = write(fd, at, n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		at += written;
		n -= (size_t)written;
	}
	return 0;
}

static int write_file(const char *path, const struct head *head, const uint8_t *data, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int error;

	if (fd < 0)
		return -errno;
	error = write_all(fd, head, sizeof(*head));
	if (!error)
		error = write_all(fd, data, n);
	close(fd);
	return error;
}

int saved_file_write(const char *path, const uint8_t *data, size_t n, struct errbuf *err)
{
	struct head head = {
		.version = be32_from(SAVED_FILE_VERSION),
		.size = be64_from(n),
		.written_ms = be64_from((uint64_t)now_ms()),
	};
	char *fresh = xasprintf("%s.new", path);
	int error = 0;

	if (n > SAVED_FILE_MAX) {
		error = errbuf_set(
			err, -EFBIG, "%s: %zu bytes are more than may be saved", path, n
		);
	} else {
		memcpy(head.magic, magic, sizeof(magic));
		digest(&head, data, n, head.digest);
		unlink(fresh);
		error = write_file(fresh, &head, data, n);
		if (!error && rename(fresh, path))
			error = -errno;
		if (error) {
			unlink(fresh);
			errbuf_set(err, error, "%s: cannot be written: %s", path, strerror(-error));
		}
	}
	free(fresh);
	return error;
}

/* Up to 'n' bytes; how many there were, or a negative errno. */
static ssize_t read_some(int fd, void *data, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = read(fd, (uint8_t *)data + done, n - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

static const char *find_fault(const struct head *head, ssize_t got, const struct stat *status)
{
	uint64_t size = be64_to(head->size);

	if (!S_ISREG(status->st_mode))
		return "it is not a file";
	if (status->st_uid != geteuid())
		return "it belongs to another user";
	if (got != sizeof(*head))
		return "it is too short";
	if (memcmp(head->magic, magic, sizeof(magic)))
		return "it is not one of weir's";
	if (be32_to(head->version) != SAVED_FILE_VERSION)
		return "it was written by another version of weir";
	if (size > SAVED_FILE_MAX || size + sizeof(*head) != (uint64_t)status->st_size)
		return "its size is wrong";
	return NULL;
}

static uint8_t *read_file(int fd, size_t *n, int64_t *written_ms, const char **fault)
{
	struct head head = {.zero = be32_from(0)};
	uint8_t found[DIGEST_SIZE];
	struct stat status;
	ssize_t got;

	*fault = "it cannot be read";
	if (fstat(fd, &status))
		return NULL;
	got = S_ISREG(status.st_mode) ? read_some(fd, &head, sizeof(head)) : 0;
	*fault = find_fault(&head, got, &status);
	if (*fault)
		return NULL;
	*n = be64_to(head.size);
	uint8_t *data = xmalloc(*n + 1);

	got = read_some(fd, data, *n);
	digest(&head, data, *n, found);
	if (got != (ssize_t)*n || memcmp(found, head.digest, sizeof(found))) {
		*fault = "it is damaged";
		free(data);
		return NULL;
	}
	*written_ms = (int64_t)be64_to(head.written_ms);
	return data;
}

uint8_t *saved_file_take(const char *path, size_t *n, int64_t *away_ms, struct errbuf *err)
{
	/* Something that blocks on opening is not a file of ours. */
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	const char *fault;
	int64_t written_ms = 0;

	if (fd < 0) {
		int error = -errno;

		errbuf_set(err, error, "%s: cannot be opened: %s", path, strerror(-error));
		if (error != -ENOENT)
			unlink(path);
		return NULL;
	}
	/* Before anything is believed: what may bring a daemon down does so once. */
	unlink(path);
	uint8_t *data = read_file(fd, n, &written_ms, &fault);

	close(fd);
	if (!data)
		errbuf_set(err, -EINVAL, "%s: %s", path, fault);
	*away_ms = now_ms() - written_ms;
	if (*away_ms < 0)
		*away_ms = 0;
	return data;
}
