#include "cmd/evidence.h"

#include <errno.h>
#include <stdio.h>

#include "daemon/exit_status.h"
#include "source/file.h"

enum { KEY_FILE_SIZE_MAX = 4096 };

static int read_key(struct evidence *e)
{
	struct buffer text = {0};
	const char *path = arena_printf(&e->arena, "%s.pub", e->options.record.signing_key);
	int r = path ? file_read(path, KEY_FILE_SIZE_MAX, &text) : -ENOMEM;
	if (r == OK)
		r = note_verifier_parse(buffer_view(&text), &e->verifier);
	buffer_done(&text);
	if (r < 0)
		fprintf(stderr,
		        "writ: cannot read the log's public key %s: %s; `writ run` makes it at its first start\n",
		        path ? path : "", err_text(r));
	return (int)exit_status_of(r);
}

int evidence_open(const struct args *a, struct evidence *ret)
{
	*ret = (struct evidence){0};
	arena_init(&ret->arena, 0);
	int status = open_options(a, &ret->arena, &ret->options);
	if (status == EXIT_STATUS_OK)
		status = read_key(ret);
	if (status == EXIT_STATUS_OK) {
		ret->log = options_log_directory(&ret->options, &ret->arena);
		int r = ret->log ? log_reader_open(ret->log, &ret->verifier, &ret->reader)
		                 : -ENOMEM;
		if (r < 0)
			fprintf(stderr, "writ: cannot read the evidence log %s: %s\n",
			        ret->log ? ret->log : "", err_text(r));
		status = r == ERR_SIGNATURE || r == ERR_CHECKSUM || r == ERR_MALFORMED ||
		                         r == ERR_TRUNCATED
		                 ? EXIT_STATUS_EVIDENCE
		                 : (int)exit_status_of(r);
	}
	if (status)
		evidence_close(ret);
	return status;
}

int evidence_index(struct evidence *e)
{
	const char *path = options_index_file(&e->options, &e->arena);
	int r = path ? index_open(&store_sqlite, path, &e->index) : -ENOMEM;
	if (r < 0)
		fprintf(stderr, "writ: cannot open the index %s: %s\n", path ? path : "",
		        err_text(r));
	return (int)exit_status_of(r);
}

void evidence_close(struct evidence *e)
{
	index_close(e->index);
	log_reader_close(e->reader);
	arena_done(&e->arena);
	*e = (struct evidence){0};
}
