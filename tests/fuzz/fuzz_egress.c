/* Any list of rules, and any line of the kernel's table of sockets. */
#include "scan/egress_firewall.h"
#include "scan/proc_socket.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct egress_firewall f;
	struct proc_socket s;
	struct view v = view_of(bytes, size);
	if (egress_firewall_read(v, 0, &f) == OK)
		CHECK(f.ip4 <= EGRESS_CLOSED && f.forward6 <= EGRESS_CLOSED);
	for (int is_ip6 = 0; is_ip6 < 2; is_ip6++) {
		if (proc_socket_parse(v, is_ip6, &s) == OK)
			CHECK(s.local.size == 4 || s.local.size == 16);
	}
	return 0;
}
