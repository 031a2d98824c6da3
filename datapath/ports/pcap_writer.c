/* SPDX-License-Identifier: Apache-2.0 */

/* The file that is written: workers leave packets in a ring, a thread empties it.  */

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <rte_mbuf.h>

#include "datapath/batch.h"
#include "datapath/packet/ring.h"
#include "datapath/ports/pcap_file.h"
#include "lib/errbuf.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

enum {
	RING = 2048, /* packets that wait to be written */
	MAGIC_NS = 0xa1b23c4d,
	SNAPLEN = 65535,
};

struct waiting {
	struct rte_mbuf *pkt;
	uint64_t ns;
};

struct pcap_writer {
	FILE *file;
	pthread_t thread;
	struct rte_ring *ring; /* workers enqueue, the thread dequeues */
	int event_fd;
	uint64_t left; /* bytes that may still be written */
	uint32_t asleep; /* the thread writes, workers read */
	bool ends; /* main writes, the thread reads */
	int error; /* the thread writes, all read */
};

static void write_packet(struct pcap_writer *writer, const struct waiting *one)
{
	const uint32_t head[4] = {
		(uint32_t)(one->ns / 1000000000),
		(uint32_t)(one->ns % 1000000000),
		one->pkt->pkt_len,
		one->pkt->pkt_len,
	};
	uint64_t size = sizeof(head) + one->pkt->pkt_len;

	if (writer->error)
		return;
	if (size > writer->left) {
		__atomic_store_n(&writer->error, EFBIG, __ATOMIC_RELAXED);
		return;
	}
	writer->left -= size;
	fwrite(head, sizeof(head), 1, writer->file);
	for (const struct rte_mbuf *part = one->pkt; part; part = part->next)
		fwrite(rte_pktmbuf_mtod(part, const void *), 1, part->data_len, writer->file);
	if (ferror(writer->file))
		__atomic_store_n(&writer->error, EIO, __ATOMIC_RELAXED);
}

static unsigned write_some(struct pcap_writer *writer)
{
	struct waiting some[BATCH_SIZE] = {0};
	unsigned n = rte_ring_sc_dequeue_burst_elem(
		writer->ring, some, sizeof(some[0]), BATCH_SIZE, NULL
	);

	for (unsigned i = 0; i < n; i++) {
		assert(some[i].pkt);
		write_packet(writer, &some[i]);
		rte_pktmbuf_free(some[i].pkt);
	}
	return n;
}

static void wait_for_packets(struct pcap_writer *writer)
{
	struct pollfd set = {.fd = writer->event_fd, .events = POLLIN};
	uint64_t count;

	fflush(writer->file);
	__atomic_store_n(&writer->asleep, 1, __ATOMIC_RELAXED);
	/* Pairs with pcap_writer_add(): who leaves packets after this look sees us asleep. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (rte_ring_empty(writer->ring) && !__atomic_load_n(&writer->ends, __ATOMIC_RELAXED))
		poll(&set, 1, -1);
	__atomic_store_n(&writer->asleep, 0, __ATOMIC_RELAXED);
	if (read(writer->event_fd, &count, sizeof(count)) < 0)
		return; /* nobody had to wake us */
}

static void *run(void *arg)
{
	struct pcap_writer *writer = arg;

	pthread_setname_np(pthread_self(), "pcap");
	while (write_some(writer) || !__atomic_load_n(&writer->ends, __ATOMIC_ACQUIRE))
		if (rte_ring_empty(writer->ring))
			wait_for_packets(writer);
	return NULL;
}

static void wake(struct pcap_writer *writer)
{
	uint64_t one = 1;

	if (write(writer->event_fd, &one, sizeof(one)) < 0)
		return; /* the counter is full: it will wake */
}

static void writer_free(struct pcap_writer *writer)
{
	if (writer->event_fd >= 0)
		close(writer->event_fd);
	if (writer->file)
		fclose(writer->file);
	free(writer->ring);
	free(writer);
}

/* The file's head, and what the thread needs. */
static int prepare(struct pcap_writer *writer, const char *path)
{
	const uint32_t head[6] = {MAGIC_NS, 2 | 4 << 16, 0, 0, SNAPLEN, 1};

	writer->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	writer->file = fopen(path, "wbe");
	if (writer->event_fd < 0 || !writer->file ||
	    fwrite(head, sizeof(head), 1, writer->file) != 1 || fflush(writer->file))
		return -errno;
	ssize_t size = rte_ring_get_memsize_elem(sizeof(struct waiting), RING);

	writer->ring = xalloc_aligned(CACHE_LINE, size);
	ring_init(writer->ring, "pcap", RING, RING_F_SC_DEQ);
	return -pthread_create(&writer->thread, NULL, run, writer);
}

struct pcap_writer *
pcap_writer_open(const char *name, const char *path, uint64_t limit, struct errbuf *err)
{
	struct pcap_writer *writer = XNEW(struct pcap_writer);

	writer->left = limit;
	int error = prepare(writer, path);

	if (!error)
		return writer;
	writer_free(writer);
	errbuf_set(err, error, "port %s: cannot write %s: %s", name, path, strerror(-error));
	return NULL;
}

void pcap_writer_close(struct pcap_writer *writer)
{
	if (!writer)
		return;
	__atomic_store_n(&writer->ends, true, __ATOMIC_RELEASE);
	wake(writer);
	pthread_join(writer->thread, NULL);
	writer_free(writer);
}

int pcap_writer_error(const struct pcap_writer *writer)
{
	return __atomic_load_n(&writer->error, __ATOMIC_RELAXED);
}

uint16_t pcap_writer_add(struct pcap_writer *writer, struct rte_mbuf **pkts, uint16_t n)
{
	struct waiting all[BATCH_SIZE];
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	for (uint16_t i = 0; i < n; i++) {
		all[i].pkt = pkts[i];
		all[i].ns = now.tv_sec * 1000000000ULL + now.tv_nsec;
	}
	n = rte_ring_mp_rts_enqueue_burst_elem(writer->ring, all, sizeof(all[0]), n, NULL);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_load_n(&writer->asleep, __ATOMIC_RELAXED))
		wake(writer);
	return n;
}
