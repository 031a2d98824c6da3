/* SPDX-License-Identifier: Apache-2.0 */

/* How receive queues of DPDK's devices get their packets.  */

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_ethdev.h>
#include <rte_mempool.h>

#include "datapath/ports/ethdev.h"

static bool is_mapped(const uint8_t *page)
{
	unsigned char vec;

	return !mincore((void *)page, 1, &vec);
}

/* How many packets the pool's memory would hold if they lay side by side. */
static uint32_t count_side_by_side(const struct rte_mempool *pool)
{
	const struct rte_mempool_memhdr *memory = STAILQ_FIRST(&pool->mem_list);
	size_t size = pool->header_size + pool->elt_size + pool->trailer_size;
	size_t page_size = (size_t)sysconf(_SC_PAGESIZE);
	uint32_t n = memory->len / size;
	uintptr_t end = (uintptr_t)memory->addr + (n + 1) * size;

	/* What the last one sticks out has to be there, whoever uses it. */
	return n + is_mapped((const uint8_t *)(end & ~(page_size - 1)));
}

/* The driver of AF_XDP shows the kernel as much of the pool's memory as that many packets need side by
 * side. But none crosses a page, so that with small pages it would be 3/5, and what is in packets
 * behind that be lost without a word. */
int ethdev_setup_rxq(struct ethdev *dev, uint16_t queue, int socket)
{
	struct rte_mempool *pool = dev->pool;
	uint32_t n = pool->populated_size;
	struct rte_eth_dev_info info;
	int error = rte_eth_dev_info_get(dev->ethdev_id, &info);

	if (error)
		return error;
	if (!strcmp(info.driver_name, "net_af_xdp") && pool->nb_mem_chunks == 1)
		pool->populated_size = count_side_by_side(pool);
	error = rte_eth_rx_queue_setup(dev->ethdev_id, queue, dev->n_rxq_desc, socket, NULL, pool);
	pool->populated_size = n;
	return error;
}
