/* SPDX-License-Identifier: Apache-2.0 */

/* A guest that holds a virtual function of an Intel 82576 and nothing else: it asks the NIC's
 * driver, by the mailbox, for its address, says it on the serial line, and from then on answers for
 * 192.0.2.5: ARP and pings.
 *
 * It is a kernel of its own (Multiboot, 32 bits, no library), because a machine that is emulated by
 * an emulated one has not booted a Linux after ten minutes, and iPXE gives the emulated NIC a ring
 * of receive buffers that it takes for an empty one. What registers mean is in Intel's datasheet of
 * the 82576, chapter 8.  */

#include <stdbool.h>
#include <stdint.h>

enum {
	HOST = 5, /* the last byte of its IP address */
	SERIAL = 0x3f8,
	PCI_ADDRESS = 0xcf8,
	PCI_DATA = 0xcfc,
	PCI_COMMAND = 0x04,
	PCI_BAR0 = 0x10,
	MEMORY_AND_MASTER = 6,
};
static const uint32_t pci_id = 0x10ca8086;

enum reg {
	CTRL = 0,
	MESSAGE = 0x800,
	MAILBOX = 0xc40,
	RX_RING = 0x2800,
	RX_CONTROL = 0x280c,
	TX_RING = 0x3800,
	/* Of a ring, from its first register on. */
	RING_HIGH = 4,
	RING_LENGTH = 8,
	RING_HEAD = 0x10,
	RING_TAIL = 0x18,
	RING_ENABLE = 0x28,
};

enum {
	CTRL_RESET = 1 << 26,
	ENABLE = 1 << 25,
	RX_ONE_BUFFER_OF_2K = 1 << 25 | 2,
	MAILBOX_REQUEST = 1,
	MAILBOX_ACK = 2,
	MAILBOX_MINE = 4,
	MAILBOX_ANSWER = 1 << 4,
	MAILBOX_TAKEN = 1 << 5,
	MAILBOX_RESET = 3 << 6,
	RESET_MESSAGE = 1,
	/* The end of a packet, its checksum inserted, reported; an advanced data descriptor. */
	TX_COMMAND = 1 << 24 | 1 << 25 | 1 << 27 | 1 << 29 | 3 << 20,
	DONE = 1,
	RING = 16,
	BUFFER = 2048,
};

struct descriptor {
	uint32_t address, address_high, command, status;
};

/* What stands in a received descriptor's second half. */
enum {
	ETHERNET = 14,
	ARP = ETHERNET + 28,
	IP = 20,
};

static volatile struct descriptor rx_ring[RING] __attribute__((aligned(128)));
static volatile struct descriptor tx_ring[RING] __attribute__((aligned(128)));
static uint8_t rx_buffer[RING][BUFFER] __attribute__((aligned(16)));
static uint8_t tx_buffer[RING][BUFFER] __attribute__((aligned(16)));
static unsigned tx_next;
static volatile uint32_t *bar;
static uint8_t mac[6];
static uint32_t mailbox_seen;

/* Where the boot loader comes in. */
__asm__(".text\n"
	".align 4\n"
	".long 0x1badb002, 0, -0x1badb002\n"
	".globl start\n"
	"start: movl $stack + 4096, %esp\n"
	"call run\n"
	".comm stack, 4096, 16\n");

static void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static void out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static uint32_t in32(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void say(const char *words)
{
	while (*words)
		out8(SERIAL, (uint8_t)*words++);
}

static void say_mac(void)
{
	for (unsigned i = 0; i < sizeof(mac); i++) {
		if (i)
			out8(SERIAL, ':');
		out8(SERIAL, (uint8_t) "0123456789abcdef"[mac[i] >> 4]);
		out8(SERIAL, (uint8_t) "0123456789abcdef"[mac[i] & 15]);
	}
}

static uint32_t pci_read(unsigned device, unsigned at)
{
	out32(PCI_ADDRESS, 1U << 31 | device << 11 | at);
	return in32(PCI_DATA);
}

static bool pci_find(void)
{
	for (unsigned device = 0; device < 32; device++) {
		if (pci_read(device, 0) != pci_id)
			continue;
		bar = (volatile uint32_t *)(uintptr_t)(pci_read(device, PCI_BAR0) & ~15U);
		out32(PCI_ADDRESS, 1U << 31 | device << 11 | PCI_COMMAND);
		out32(PCI_DATA, MEMORY_AND_MASTER);
		return true;
	}
	return false;
}

static uint32_t reg_read(unsigned reg)
{
	return bar[reg / 4];
}

/* What it is about is in memory by then. */
static void reg_write(unsigned reg, uint32_t value)
{
	__asm__ volatile("" : : : "memory");
	bar[reg / 4] = value;
}

/* Reading clears what the other side says. */
static void mailbox_wait(uint32_t bits)
{
	while (!(mailbox_seen & bits))
		mailbox_seen |= reg_read(MAILBOX);
	mailbox_seen &= ~bits;
}

static void mailbox_take(void)
{
	do {
		reg_write(MAILBOX, MAILBOX_MINE);
		mailbox_seen |= reg_read(MAILBOX);
	} while (!(mailbox_seen & MAILBOX_MINE));
	mailbox_seen &= ~(uint32_t)MAILBOX_MINE;
}

/* A function that was reset neither sends nor receives until its NIC's driver has answered. */
static void function_reset(void)
{
	reg_write(CTRL, CTRL_RESET);
	mailbox_wait(MAILBOX_RESET);
	mailbox_take();
	reg_write(MESSAGE, RESET_MESSAGE);
	reg_write(MAILBOX, MAILBOX_REQUEST);
	mailbox_wait(MAILBOX_TAKEN);
	mailbox_wait(MAILBOX_ANSWER);
	mailbox_take();
	for (unsigned i = 0; i < sizeof(mac); i++)
		mac[i] = (uint8_t)(reg_read(MESSAGE + 4 + i / 4 * 4) >> i % 4 * 8);
	reg_write(MAILBOX, MAILBOX_ACK);
}

static void ring_start(unsigned first, volatile struct descriptor *ring)
{
	reg_write(first, (uint32_t)(uintptr_t)ring);
	reg_write(first + RING_HIGH, 0);
	reg_write(first + RING_LENGTH, RING * sizeof(*ring));
	reg_write(first + RING_HEAD, 0);
	reg_write(first + RING_TAIL, 0);
	reg_write(first + RING_ENABLE, ENABLE);
}

static void rx_give(unsigned i)
{
	rx_ring[i].address = (uint32_t)(uintptr_t)rx_buffer[i];
	rx_ring[i].address_high = rx_ring[i].command = rx_ring[i].status = 0;
}

static void copy(uint8_t *to, const uint8_t *from, unsigned n)
{
	while (n--)
		*to++ = *from++;
}

static void send(const uint8_t *frame, unsigned n)
{
	volatile struct descriptor *d = &tx_ring[tx_next];

	copy(tx_buffer[tx_next], frame, n);
	d->address = (uint32_t)(uintptr_t)tx_buffer[tx_next];
	d->address_high = 0;
	d->command = TX_COMMAND | n;
	d->status = n << 14;
	tx_next = (tx_next + 1) % RING;
	reg_write(TX_RING + RING_TAIL, tx_next);
}

static void turn(uint8_t *frame)
{
	copy(frame, frame + 6, 6);
	copy(frame + 6, mac, 6);
}

static bool is_mine(const uint8_t *address)
{
	return address[0] == 192 && address[1] == 0 && address[2] == 2 && address[3] == HOST;
}

static void answer_arp(uint8_t *frame)
{
	uint8_t *p = frame + ETHERNET, mine[4];

	if (p[7] != 1 || !is_mine(p + 24))
		return;
	turn(frame);
	p[7] = 2;
	copy(mine, p + 24, 4);
	copy(p + 18, p + 8, 10);
	copy(p + 8, mac, 6);
	copy(p + 14, mine, 4);
	send(frame, ARP);
}

static void answer_ping(uint8_t *frame, unsigned n)
{
	uint8_t *p = frame + ETHERNET, *icmp = p + IP, mine[4];

	if (p[0] != 0x45 || p[9] != 1 || icmp[0] != 8 || !is_mine(p + 16))
		return;
	turn(frame);
	copy(mine, p + 16, 4);
	copy(p + 16, p + 12, 4);
	copy(p + 12, mine, 4);
	icmp[0] = 0;
	/* Its sum grows by what the type has lost, in ones' complement. */
	unsigned sum = ((unsigned)icmp[2] << 8 | icmp[3]) + 0x800;

	sum = (sum & 0xffff) + (sum >> 16);
	icmp[2] = (uint8_t)(sum >> 8);
	icmp[3] = (uint8_t)sum;
	send(frame, n);
}

static void answer(uint8_t *frame, unsigned n)
{
	if (frame[12] == 8 && frame[13] == 6 && n >= ARP)
		answer_arp(frame);
	else if (frame[12] == 8 && frame[13] == 0 && n >= ETHERNET + IP + 8)
		answer_ping(frame, n);
}

void run(void);
void run(void)
{
	if (!pci_find()) {
		say("holds nothing\n");
		return;
	}
	function_reset();
	reg_write(RX_CONTROL, RX_ONE_BUFFER_OF_2K);
	for (unsigned i = 0; i < RING; i++)
		rx_give(i);
	ring_start(RX_RING, rx_ring);
	reg_write(RX_RING + RING_TAIL, RING - 1);
	ring_start(TX_RING, tx_ring);
	say("holds ");
	say_mac();
	say("\n");
	for (unsigned i = 0;; i = (i + 1) % RING) {
		while (!(rx_ring[i].command & DONE))
			;
		__asm__ volatile("" : : : "memory");
		answer(rx_buffer[i], rx_ring[i].status & 0xffff);
		rx_give(i);
		reg_write(RX_RING + RING_TAIL, i);
	}
}
