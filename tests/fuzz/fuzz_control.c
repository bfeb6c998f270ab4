#include <assert.h>
#include <string.h>

#include "daemon/control_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A request that is read can be written, and is then read as the same; one that is not is explained. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct control_request request, again;
	char problem[CONTROL_PROBLEM_SIZE] = "";
	if (control_parse(view_of(bytes, size), &request, problem) < 0) {
		assert(problem[0] && memchr(problem, 0, sizeof(problem)));
		return 0;
	}
	struct buffer line = {0};
	control_request_write(&request, &line);
	int code = control_parse(view_of(line.bytes, line.size), &again, problem);
	assert(code == OK && again.verb == request.verb && again.given == request.given);
	assert(dname_equal(&again.name, &request.name) && again.limit == request.limit);
	buffer_done(&line);
	return 0;
}
