/* SPDX-License-Identifier: Apache-2.0 */

/* Stopping DPDK's devices, with regard to what its interrupt thread may be doing with them.
 *
 * When the other end of a virtual device goes, whoever asks for its link leaves work for that thread,
 * which would find memory that was freed. It is waited for.  */

#include <semaphore.h>

#include <rte_alarm.h>
#include <rte_ethdev.h>

#include "datapath/ports/ethdev.h"

enum {
	SOON_US = 1
};

static void tell(void *done)
{
	sem_post(done);
}

/* Until DPDK's interrupt thread has done what it had to do. */
static void wait_for_thread(void)
{
	sem_t done;

	sem_init(&done, 0, 0);
	if (!rte_eal_alarm_set(SOON_US, tell, &done))
		while (sem_wait(&done))
			continue;
	sem_destroy(&done);
}

void ethdev_stop(struct ethdev *dev)
{
	rte_eth_dev_stop(dev->ethdev_id);
	if (dev->is_virtual)
		wait_for_thread();
}
