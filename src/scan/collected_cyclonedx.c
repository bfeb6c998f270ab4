/* CycloneDX: what its components and services are. */
#include <stdio.h>

#include "scan/collected_purl.h"
#include "scan/collected_record.h"

enum { MODEL_SIZE = 512 };

/* GROUP/NAME */
static struct view join(struct view group, struct view name, char room[static MODEL_SIZE])
{
	int size = snprintf(room, MODEL_SIZE, "%.*s/%.*s", group.size < 200 ? (int)group.size : 200,
	                    (const char *)group.bytes, name.size < 200 ? (int)name.size : 200,
	                    (const char *)name.bytes);
	return view_of(room, size > 0 ? (size_t)size : 0);
}

static int give_component(struct collected_records *r, const struct json_records *j,
                          const char *name_path, const char *purl_path, const char *type_path)
{
	struct collected_purl room;
	struct view purl = json_record_text(j, purl_path), type = json_record_text(j, type_path);
	struct collected_item item = {.kind = COLLECTED_APPLICATION,
	                              .name = json_record_text(j, name_path),
	                              .machine =
	                                      json_record_outer_text(j, "metadata.component.name")};
	struct view group = json_record_text(j, "group");
	char model[MODEL_SIZE];
	item.id = item.name;
	if (collected_purl_read(purl, &room, &item) == OK)
		return collected_give(&r->out, &item);
	if (view_trim(purl).size)
		collected_not_understood(&r->out, purl);
	item.version = json_record_text(j, "version");
	if (view_is(type, "machine-learning-model")) {
		item.kind = COLLECTED_MODEL;
		if (group.size)
			item.id = join(group, item.name, model);
	} else if (view_is(type, "library") || view_is(type, "framework")) {
		item.kind = COLLECTED_PACKAGE;
	}
	return item.id.size ? collected_give(&r->out, &item) : OK;
}

static int give_service(struct collected_records *r, const struct json_records *j)
{
	struct collected_item item = {.kind = COLLECTED_ADDRESS,
	                              .name = json_record_text(j, "name"),
	                              .machine =
	                                      json_record_outer_text(j, "metadata.component.name")};
	int code = OK;
	for (size_t i = 0; code >= 0 && (item.id = json_record_text_at(j, "endpoints", i)).size;
	     i++)
		code = collected_give(&r->out, &item);
	return code;
}

static int on_cyclonedx(struct collected_records *r, const struct json_records *j)
{
	struct view key = json_record_key(j);
	if (view_is(key, "components"))
		return give_component(r, j, "name", "purl", "type");
	if (view_is(key, "services"))
		return give_service(r, j);
	return key.size == 0 ? give_component(r, j, "metadata.component.name",
	                                      "metadata.component.purl", "metadata.component.type")
	                     : OK;
}

const struct collected_form collected_form_cyclonedx = {on_cyclonedx, "endpoints"};
