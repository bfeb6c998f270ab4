#include <stddef.h>

#include "audit/log_names.h"
#include "audit/reader.h"

const struct audit_format audit_formats[] = {
	/* last: it takes what no other does */
	{"names", "plain list of host names or addresses, one a line", PROOF_NAME | PROOF_ADDRESS,
         true, log_names_probe, log_names_open, log_names_read, log_names_finish, log_names_close},
	{0},
};

const struct audit_format *audit_format_find(struct view first)
{
	const struct audit_format *best = NULL;
	int sure = 0;
	for (const struct audit_format *f = audit_formats; f->name; f++) {
		int is = f->probe(first);
		if (is > sure) {
			sure = is;
			best = f;
		}
	}
	return best;
}
