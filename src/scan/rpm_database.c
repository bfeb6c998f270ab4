#include "scan/rpm_database.h"

#include "scan/rpm_database_private.h"

enum { READ_TIMES = 4 };

int rpm_reading_add(struct rpm_reading *r, uint64_t at, size_t size)
{
	if (size > r->budget || size > RPM_HEADER_MAX - r->header.size)
		return ERR_LIMIT;
	r->budget -= size;
	uint8_t *to = buffer_space(&r->header, size);
	return to || size == 0 ? byte_source_read(r->source, at, to, size) : ERR_LIMIT;
}

int rpm_reading_tell(struct rpm_reading *r)
{
	int code = r->on(r->context, buffer_view(&r->header));
	r->header.size = 0;
	return code < 0 ? code : OK;
}

bool rpm_reading_ends(struct rpm_reading *r, int code)
{
	if (code >= 0)
		return false;
	r->header.size = 0;
	r->damaged++;
	bool is_place = code == ERR_MALFORMED || code == ERR_TRUNCATED ||
	                (code == ERR_LIMIT && r->budget > 0);
	return !is_place;
}

int rpm_database_read(const struct byte_source *b, rpm_database_on *on, void *context,
                      uint64_t *ret_damaged)
{
	static int (*const forms[])(struct rpm_reading *) = {rpm_ndb_read, rpm_bdb_read};
	struct rpm_reading r = {.source = b,
	                        .on = on,
	                        .context = context,
	                        .header = {.size_max = RPM_HEADER_MAX},
	                        .budget = b->size < UINT64_MAX / READ_TIMES ? READ_TIMES * b->size
	                                                                    : UINT64_MAX};
	int code = ERR_INVALID;
	for (size_t i = 0; code == ERR_INVALID && i < sizeof(forms) / sizeof(*forms); i++)
		code = forms[i](&r);
	buffer_done(&r.header);
	if (code == OK)
		*ret_damaged = r.damaged;
	return code;
}
