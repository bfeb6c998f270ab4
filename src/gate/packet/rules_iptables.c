#include <inttypes.h>

#include "gate/packet/mark.h"
#include "gate/packet/rules.h"

static const struct packet_hook routed_hooks[] = {{"security", "FORWARD", "writ-forward"}};
static const struct packet_hook host_hooks[] = {{"security", "OUTPUT", "writ-output"},
                                                {"mangle", "INPUT", "writ-input"}};

size_t packet_rules_hooks(enum packet_mode mode, const struct packet_hook **ret)
{
	switch (mode) {
	case PACKET_ROUTED: *ret = routed_hooks; return 1;
	case PACKET_HOST: *ret = host_hooks; return 2;
	default: return 0;
	}
}

static void print_queues(const struct packet_rules *r, struct buffer *ret)
{
	unsigned first = (unsigned)r->options->first_queue, last = first + r->queues - 1;
	if (last > first)
		buffer_printf(ret, "--queue-balance %u:%u", first, last);
	else
		buffer_printf(ret, "--queue-num %u", first);
	if (r->options->failure == PACKET_FAIL_OPEN)
		buffer_add_text(ret, " --queue-bypass");
}

void packet_rules_iptables(const struct packet_rules *r, const struct packet_hook *hook,
                           bool has_call, struct buffer *ret)
{
	uint32_t mask = (uint32_t)r->options->mark;
	buffer_printf(ret,
	              "*%s\n"
	              ":%s - [0:0]\n"
	              "-A %s -m mark --mark 0x%08" PRIx32 "/0x%08" PRIx32 " -j NFQUEUE ",
	              hook->table, hook->own, hook->own, packet_mark_bits(mask, PACKET_MARK_QUEUED),
	              packet_mark_bits(mask, PACKET_MARK_QUEUED));
	print_queues(r, ret);
	buffer_add_text(ret, "\n");
	if (!has_call)
		buffer_printf(ret, "-I %s 1 -j %s\n", hook->chain, hook->own);
	buffer_add_text(ret, "COMMIT\n");
}

void packet_rules_iptables_remove(const struct packet_hook *hook, struct buffer *ret)
{
	buffer_printf(ret,
	              "*%s\n"
	              "-D %s -j %s\n"
	              "-F %s\n"
	              "-X %s\n"
	              "COMMIT\n",
	              hook->table, hook->chain, hook->own, hook->own, hook->own);
}
