/* Both formats of captures: every step leads forward and stays inside, and so does looking for the next packet. */
#include "check.h"
#include "wire/pcap.h"
#include "wire/pcapng.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_packet(const struct capture_packet *packet, struct view whole)
{
	if (!packet->bytes.bytes)
		return;
	CHECK(packet->bytes.bytes >= whole.bytes && packet->bytes.size <= whole.size);
	CHECK((size_t)(packet->bytes.bytes - whole.bytes) <= whole.size - packet->bytes.size);
	CHECK(packet->bytes.size <= CAPTURE_PACKET_SIZE_MAX);
}

static void walk_pcap(struct view rest)
{
	struct pcap p;
	struct capture_packet packet;
	size_t step;
	if (pcap_open(rest, &p) != OK)
		return;
	rest = view_skip(rest, PCAP_HEADER_SIZE);
	for (;;) {
		int r = pcap_next(&p, rest, &packet, &step);
		if (r == OK)
			check_packet(&packet, rest);
		else if (r == ERR_MALFORMED)
			(void)!pcap_find(&p, view_skip(rest, 1), 0, &step);
		else
			return;
		CHECK(step <= rest.size);
		rest = view_skip(rest, r == OK ? step : step + 1);
	}
}

static void walk_pcapng(struct view rest)
{
	static struct pcapng p;
	struct capture_packet packet;
	size_t step;
	pcapng_open(&p);
	while (rest.size) {
		packet = (struct capture_packet){0};
		int r = pcapng_next(&p, rest, &packet, &step);
		if (r == ERR_TRUNCATED)
			return;
		CHECK(r != OK || step);
		if (r == OK)
			check_packet(&packet, rest);
		if (step == 0) {
			(void)!pcapng_find(&p, view_skip(rest, 1), &step);
			CHECK(step <= rest.size);
			step++;
		}
		rest = view_skip(rest, step);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	walk_pcap(view_of(bytes, size));
	walk_pcapng(view_of(bytes, size));
	return 0;
}
