#include <errno.h>
#include <stdlib.h>

#include "audit/inflater_kinds.h"
#include "base/utf16.h"

static int open_as(bool is_big, void **ret)
{
	struct utf16 *u = calloc(1, sizeof(*u));
	if (!u)
		return -ENOMEM;
	u->is_big = is_big;
	*ret = u;
	return OK;
}

int inflater_utf16_open(void **ret)
{
	return open_as(false, ret);
}

int inflater_utf16_big_open(void **ret)
{
	return open_as(true, ret);
}

int inflater_utf16_step(void *state, struct view *in, uint8_t **room, size_t *left,
                        bool *ret_is_end)
{
	size_t size = utf16_decode(state, in, *room, *left);
	*room += size;
	*left -= size;
	*ret_is_end = false;
	return OK;
}

void inflater_utf16_close(void *state)
{
	free(state);
}
