#include <assert.h>

#include "daemon/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* What a role may send to the parent; a notice, whose texts vary most; and what the parent asks a role. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct message m;
	struct notice notice;
	struct view sentence;
	enum exit_status status;
	struct view request;
	uint32_t number;
	uint64_t version;
	if (message_parse(view_of(bytes, size), 0, &m) < 0)
		return 0;
	if (protocol_allows(&m, true))
		assert(m.size <= message_rules[m.type].size_max);
	if (protocol_read_notice(&m, &notice) == OK)
		assert(notice.subject.size + notice.detail.size < m.size);
	if (protocol_read_status(&m, &status, &sentence) == OK)
		assert(sentence.size + 1 == m.size);
	if (protocol_read_version(&m, &version) == OK)
		assert(m.size >= 8);
	if (protocol_read_ask(&m, &number, &request) == OK)
		assert(request.size + 4 == m.size);
	if (protocol_read_reply(&m, &number) == OK)
		assert(m.size >= 4);
	return 0;
}
