/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/mailbox.h"

#include "lib/epoch.h"
#include "lib/types.h"

void mailbox_init(struct mailbox *box)
{
	__cds_wfcq_init(&box->head, &box->tail);
}

unsigned mailbox_open_all(struct mailbox *box)
{
	struct __cds_wfcq_head head;
	struct cds_wfcq_tail tail;
	struct cds_wfcq_node *node, *next;
	unsigned n = 0;

	__cds_wfcq_init(&head, &tail);
	__cds_wfcq_splice_blocking(&head, &tail, &box->head, &box->tail);
	__cds_wfcq_for_each_blocking_safe(&head, &tail, node, next)
	{
		struct letter *letter = container_of(node, struct letter, node);

		TSAN_ACQUIRE(letter);
		letter->open(letter);
		n++;
	}
	return n;
}

void mailbox_post(struct mailbox *box, struct letter *letter)
{
	cds_wfcq_node_init(&letter->node);
	TSAN_RELEASE(letter);
	cds_wfcq_enqueue(__cds_wfcq_head_cast(&box->head), &box->tail, &letter->node);
}
