#include "cmd/output.h"

#include <stdio.h>

#include "daemon/exit_status.h"

int output_json(struct buffer *out)
{
	int status = EXIT_STATUS_OK;
	buffer_add(out, "\n", 1);
	if (out->failed || fwrite(out->bytes, 1, out->size, stdout) != out->size ||
	    fflush(stdout) != 0) {
		fprintf(stderr, "writ: the answer could not be written\n");
		status = EXIT_STATUS_INTERNAL;
	}
	buffer_done(out);
	return status;
}

void output_json_texts(struct json_writer *j, const char *key, const struct schema_list *list)
{
	const char *const *all = list->items;
	json_array_begin(j, key);
	for (size_t i = 0; i < list->count; i++)
		json_text(j, NULL, all[i]);
	json_array_end(j);
}
