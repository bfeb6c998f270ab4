/* SPDX of versions 2 and 3: what its packages are. Their references are told with the package, when all of it is known. */
#include "scan/collected_spdx.h"

#include <stdio.h>

#include "scan/collected_purl.h"

static bool ends_with(struct view text, const char *end)
{
	size_t size = strlen(end);
	return text.size >= size && view_is_nocase(view_skip(text, text.size - size), end);
}

/* Of versions 2 and 3. */
bool collected_spdx_is_purl(struct view type)
{
	return ends_with(type, "purl") || ends_with(type, "packageUrl");
}

bool collected_spdx_check(struct collected_out *out, bool is_purl, struct view locator)
{
	struct collected_purl room;
	struct collected_item item = {0};
	bool is_meant = is_purl || view_starts_with(locator, view_text("pkg:"));
	bool is = collected_purl_read(locator, &room, &item) == OK;
	if (is_meant && view_trim(locator).size && !is)
		collected_not_understood(out, locator);
	return is;
}

int collected_spdx_reference(struct collected_out *out, struct view purl, struct view name,
                             bool *is_name)
{
	struct collected_purl room;
	struct collected_item item = {.kind = COLLECTED_PACKAGE, .name = name};
	if (collected_purl_read(purl, &room, &item) < 0)
		return OK;
	*is_name |= view_equal(item.id, name);
	return collected_give(out, &item);
}

/* Those that lie in the record; what there is no room for is told at once, with the name if that is known. */
static int keep_reference(struct collected_records *r, const struct json_records *j,
                          struct view type, struct view purl)
{
	bool is_name = false;
	if (!collected_spdx_check(&r->out, collected_spdx_is_purl(type), purl))
		return OK;
	if (r->reference_count == COLLECTED_REFERENCES_MAX)
		return collected_spdx_reference(&r->out, purl, json_record_outer_text(j, "name"),
		                                &is_name);
	struct collected_reference *own = &r->references[r->reference_count++];
	own->depth = json_record_depth(j);
	(void)snprintf(own->purl, sizeof(own->purl), VIEW_FMT, VIEW_ARG(purl));
	return OK;
}

/* In the order in which they came. */
static int give_references(struct collected_records *r, unsigned depth, struct view name,
                           bool *ret_is_name)
{
	int code = OK;
	unsigned kept = 0;
	for (unsigned i = 0; i < r->reference_count; i++) {
		const struct collected_reference *own = &r->references[i];
		if (own->depth <= depth)
			r->references[kept++] = *own;
		else if (code >= 0)
			code = collected_spdx_reference(&r->out, view_text(own->purl), name,
			                                ret_is_name);
	}
	r->reference_count = kept;
	return code < 0 ? code : OK;
}

/* One that its references call by its own name is told by them. `is_package`: and it is told when they do not. */
static int on_package(struct collected_records *r, const struct json_records *j, bool is_package)
{
	static const char *const types[] = {"type", "@type", NULL};
	static const char *const versions[] = {"versionInfo", "software_packageVersion", NULL};
	struct view type = collected_records_any(j, types);
	bool is_model = collected_has_part(type, "AIPackage"), is_told = false;
	struct collected_item item = {.kind = is_model ? COLLECTED_MODEL : COLLECTED_PACKAGE,
	                              .name = json_record_text(j, "name"),
	                              .version = collected_records_any(j, versions)};
	item.id = item.name;
	struct view purl = json_record_text(j, "software_packageUrl");
	uint64_t items = r->out.items;
	(void)collected_spdx_check(&r->out, true, purl);
	int code = collected_spdx_reference(&r->out, purl, item.name, &is_told);
	is_told |= r->out.items > items;
	if (code >= 0)
		code = give_references(r, json_record_depth(j), item.name, &is_told);
	is_package |= is_model || collected_has_part(type, "software_Package");
	if (code < 0 || !is_package || is_told || item.id.size == 0)
		return code;
	return collected_give(&r->out, &item);
}

static int on_spdx(struct collected_records *r, const struct json_records *j)
{
	struct view key = json_record_key(j);
	if (view_is(key, "externalRefs"))
		return keep_reference(r, j, json_record_text(j, "referenceType"),
		                      json_record_text(j, "referenceLocator"));
	if (view_is(key, "externalIdentifier"))
		return keep_reference(r, j, json_record_text(j, "externalIdentifierType"),
		                      json_record_text(j, "identifier"));
	bool is_package = view_is(key, "packages");
	bool may_be = is_package || key.size == 0 || view_is(key, "@graph");
	return may_be ? on_package(r, j, is_package) : OK;
}

/* Of a file that broke off within a package. */
static void on_end(struct collected_records *r)
{
	bool is_name = false;
	(void)give_references(r, 0, (struct view){0}, &is_name);
}

const struct collected_form collected_form_spdx = {on_spdx, .on_end = on_end};
