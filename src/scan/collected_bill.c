#include <stdio.h>

#include "scan/collected_purl.h"
#include "scan/collected_record.h"

/* CycloneDX */

/* GROUP/NAME */
static struct view join(struct view group, struct view name, char room[static COLLECTED_MODEL_SIZE])
{
	int size = snprintf(room, COLLECTED_MODEL_SIZE, "%.*s/%.*s",
	                    group.size < 200 ? (int)group.size : 200, (const char *)group.bytes,
	                    name.size < 200 ? (int)name.size : 200, (const char *)name.bytes);
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
	char model[COLLECTED_MODEL_SIZE];
	item.id = item.name;
	if (collected_purl_read(purl, &room, &item) == OK)
		return collected_records_give(r, &item);
	item.version = json_record_text(j, "version");
	if (view_is(type, "machine-learning-model")) {
		item.kind = COLLECTED_MODEL;
		if (group.size)
			item.id = join(group, item.name, model);
	} else if (view_is(type, "library") || view_is(type, "framework")) {
		item.kind = COLLECTED_PACKAGE;
	}
	return item.id.size ? collected_records_give(r, &item) : OK;
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
		code = collected_records_give(r, &item);
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

/* SPDX */

/* A package comes behind its references: of one that they call by its own name nothing is left to tell. */
static void keep_told(struct collected_records *r, const struct collected_item *item)
{
	bool is_told = view_equal(item->name, item->id) && item->name.size < sizeof(r->told);
	(void)snprintf(r->told, sizeof(r->told), "%.*s", is_told ? (int)item->name.size : 0,
	               (const char *)item->name.bytes);
}

static int on_spdx(struct collected_records *r, const struct json_records *j)
{
	static const char *const types[] = {"type", "@type", NULL};
	struct collected_purl room;
	struct view key = json_record_key(j), type = collected_records_any(j, types);
	struct collected_item item = {.kind = COLLECTED_PACKAGE,
	                              .name = json_record_text(j, "name")};
	struct view purl = json_record_text(j, "software_packageUrl");
	item.id = item.name;
	item.version = json_record_text(j, "versionInfo");
	if (view_is(key, "externalRefs")) {
		item.name = json_record_outer_text(j, "name");
		purl = json_record_text(j, "referenceLocator");
	} else if (view_is(key, "externalIdentifier")) {
		item.name = json_record_outer_text(j, "name");
		purl = json_record_text(j, "identifier");
	}
	if (collected_purl_read(purl, &room, &item) == OK) {
		keep_told(r, &item);
		return collected_records_give(r, &item);
	}
	if (item.name.size && view_is(item.name, r->told)) {
		bool is_reference = view_starts_with(key, view_text("external"));
		r->told[0] = is_reference ? r->told[0] : '\0';
		return OK;
	}
	if (view_is(key, "@graph")) {
		bool is_model = collected_has_part(type, "AIPackage");
		item.kind = is_model ? COLLECTED_MODEL : COLLECTED_PACKAGE;
		item.version = json_record_text(j, "software_packageVersion");
		return (is_model || collected_has_part(type, "software_Package")) && item.id.size
		               ? collected_records_give(r, &item)
		               : OK;
	}
	return view_is(key, "packages") && item.id.size ? collected_records_give(r, &item) : OK;
}

const struct collected_form collected_form_cyclonedx = {on_cyclonedx, "endpoints"};
const struct collected_form collected_form_spdx = {on_spdx};
