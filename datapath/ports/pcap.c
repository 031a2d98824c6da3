/* SPDX-License-Identifier: Apache-2.0 */

/* Capture ports: what is in a file arrives, what is sent is written to another.  */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_mbuf.h>

#include "datapath/batch.h"
#include "datapath/pool.h"
#include "datapath/ports/pcap_file.h"
#include "datapath/worker_priv.h"
#include "lib/errbuf.h"
#include "lib/xmalloc.h"

DROP_REASON(not_written, "the capture file took no more: it is full, or too long already");

enum {
	POOL_NEED = 256, /* packets read and not yet sent on, or waiting to be written */
	FRAME_ROUND = 1024,
	DEFAULT_MB = 1024,
	PCAP_MTU = 1500,
};

static const struct option options[] = {
	{
		.name = "read-file",
		.apply = OPTION_REOPEN,
		.help = "A capture (pcap) of at most 512 MB whose frames arrive when the port is opened.",
	},
	{
		.name = "write-file",
		.apply = OPTION_REOPEN,
		.help = "The file, made anew, to which every packet sent here is written.",
	},
	{
		.name = "repeat",
		.kind = OPTION_BOOL,
		.apply = OPTION_REOPEN,
		.default_text = "false",
		.help = "Whether the file begins again at its end.",
	},
	{
		.name = "rate",
		.kind = OPTION_INT,
		.apply = OPTION_REOPEN,
		.min = 1,
		.max = 100000000,
		.default_text = "1000",
		.help = "Frames that arrive per second.",
	},
	{
		.name = "max-size",
		.kind = OPTION_INT,
		.apply = OPTION_REOPEN,
		.min = 1,
		.max = 1 << 20,
		.default_text = "1024",
		.help = "Megabytes after which nothing more is written.",
	},
};

struct pcap_port {
	struct port port;
	struct port_rxq rxq; /* wait_fd: a timer that ends when the next frame is due */
	struct rte_mempool *pool;
	struct pcap_frames frames;
	struct pcap_writer *writer;
	bool repeat;
	/* The worker's that polls. */
	double cycles_per_frame;
	uint64_t due; /* when the next frame arrives, in cycles; 0: not known yet */
	uint32_t next; /* frame */
};

static struct pcap_port *pcap_of(struct port *port)
{
	return container_of(port, struct pcap_port, port);
}

static void pcap_close(struct port *port)
{
	struct pcap_port *pcap = pcap_of(port);

	pcap_writer_close(pcap->writer);
	pcap_frames_free(&pcap->frames);
	if (pcap->rxq.wait_fd >= 0)
		close(pcap->rxq.wait_fd);
	if (pcap->pool)
		pool_release(pcap->pool, POOL_NEED);
	free(pcap);
}

/* Files and memory. */
static int prepare(struct pcap_port *pcap, const char *name, const json_t *map, struct errbuf *err)
{
	const char *read_path = option_get_string(map, "read-file", NULL);
	const char *write_path = option_get_string(map, "write-file", NULL);
	uint64_t limit = (uint64_t)option_get_int(map, "max-size", DEFAULT_MB) << 20;
	int error = read_path ? pcap_frames_load(&pcap->frames, name, read_path, err) : 0;

	if (error)
		return error;
	pcap->rxq.wait_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (pcap->rxq.wait_fd < 0)
		return errbuf_set(err, -errno, "port %s: no file descriptor is free", name);
	unsigned frame = (pcap->frames.longest + FRAME_ROUND - 1) / FRAME_ROUND * FRAME_ROUND;

	pcap->pool = pool_reserve(POOL_NEED, frame, -1, err);
	if (!pcap->pool)
		return err->error;
	if (write_path)
		pcap->writer = pcap_writer_open(name, write_path, limit, err);
	return write_path && !pcap->writer ? err->error : 0;
}

static struct port *pcap_open(const char *name, const json_t *map, struct errbuf *err)
{
	struct pcap_port *pcap = XNEW(struct pcap_port);

	pcap->rxq.port = &pcap->port;
	pcap->rxq.wait_fd = -1;
	pcap->repeat = option_get_bool(map, "repeat", false);
	pcap->cycles_per_frame = (double)rte_get_tsc_hz() / option_get_int(map, "rate", 1000);
	if (prepare(pcap, name, map, err)) {
		pcap_close(&pcap->port);
		return NULL;
	}
	pcap->port.mtu = PCAP_MTU;
	pcap->port.n_rxqs = pcap->frames.n > 0;
	pcap->port.rxqs[0] = &pcap->rxq;
	return &pcap->port;
}

static int pcap_set_mtu(struct port *port, uint16_t mtu, struct errbuf *err)
{
	return 0;
}

static bool is_done(const struct pcap_port *pcap)
{
	return pcap->next == pcap->frames.n && !pcap->repeat;
}

static struct rte_mbuf *read_frame(struct pcap_port *pcap)
{
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(pcap->pool);

	if (!pkt)
		return NULL;
	if (pcap->next == pcap->frames.n)
		pcap->next = 0;
	uint32_t from = pcap->next ? pcap->frames.ends[pcap->next - 1] : 0;
	uint16_t length = pcap->frames.ends[pcap->next++] - from;
	char *frame = rte_pktmbuf_append(pkt, length);

	assert(frame); /* the pool's packets hold the longest frame */
	memcpy(frame, pcap->frames.bytes + from, length);
	return pkt;
}

static uint16_t pcap_rx(struct port_rxq *rxq, struct batch *batch)
{
	struct pcap_port *pcap = container_of(rxq, struct pcap_port, rxq);
	uint64_t now = rte_rdtsc();

	if (!pcap->due)
		pcap->due = now;
	batch->n = 0;
	while (batch->n < BATCH_SIZE && now >= pcap->due && !is_done(pcap)) {
		struct rte_mbuf *pkt = read_frame(pcap);

		if (!pkt)
			break;
		batch->pkts[batch->n++] = pkt;
		pcap->due += (uint64_t)pcap->cycles_per_frame;
	}
	/* What could not be done in time is not made up for. */
	if (now > pcap->due + rte_get_tsc_hz() / 10)
		pcap->due = now;
	return batch->n;
}

static bool pcap_rx_wait(struct port_rxq *rxq, bool enable)
{
	struct pcap_port *pcap = container_of(rxq, struct pcap_port, rxq);
	struct itimerspec timer = {{0}};
	uint64_t now = rte_rdtsc();

	/* Setting it also takes back that it has ended. */
	if (enable && !is_done(pcap)) {
		if (now >= pcap->due)
			return true;
		uint64_t ns = (pcap->due - now) * 1000000000.0 / rte_get_tsc_hz() + 1;

		timer.it_value.tv_sec = ns / 1000000000;
		timer.it_value.tv_nsec = ns % 1000000000;
	}
	timerfd_settime(rxq->wait_fd, 0, &timer, NULL);
	return false;
}

static uint16_t pcap_tx(struct port *port, uint16_t queue, struct rte_mbuf **pkts, uint16_t n)
{
	struct pcap_port *pcap = pcap_of(port);

	if (pcap->writer && !pcap_writer_error(pcap->writer))
		return pcap_writer_add(pcap->writer, pkts, n);
	if (pcap->writer)
		worker_count_refused(workers[queue], port->id, pkts, n, &drop_not_written);
	rte_pktmbuf_free_bulk(pkts, n);
	return n;
}

static void pcap_get_status(const struct port *port, json_t *status)
{
	const struct pcap_port *pcap = container_of(port, const struct pcap_port, port);
	int error = pcap->writer ? pcap_writer_error(pcap->writer) : 0;

	json_object_set_new(status, "frames", json_sprintf("%u", pcap->frames.n));
	if (error)
		json_object_set_new(
			status,
			"write-error",
			json_string(error == EFBIG ? "max-size is reached" : strerror(error))
		);
}

static const struct port_type port_type_pcap = {
	.name = "pcap",
	.help = "Capture files: one whose frames arrive, one to which what is sent is written.",
	.options = options,
	.n_options = ARRAY_LENGTH(options),
	.slow_open = true,
	.slow_close = true,
	.open = pcap_open,
	.close = pcap_close,
	.set_mtu = pcap_set_mtu,
	.get_status = pcap_get_status,
	.rx = pcap_rx,
	.rx_wait = pcap_rx_wait,
	.tx = pcap_tx,
};
REGISTRY_ADD(port_type, port_type_pcap);
