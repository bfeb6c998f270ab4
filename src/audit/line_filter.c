#include "audit/line_filter.h"

#include <errno.h>
#include <stdlib.h>

#include "policy/url_host.h"

/* `wire`: a name without its root label; NAME_END_SIZE bytes before it may be read. */
static void add_name(struct line_filter *f, struct view wire)
{
	struct name_end end;
	name_end_of(wire, &end);
	f->with |= name_end_with(&end);
	if (end.labels)
		line_tails_add(&f->tails, line_tail_of(end.bytes), end.size);
}

static int compare_names(const void *a, const void *b)
{
	const struct dname *x = a, *y = b;
	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return memcmp(x->bytes, y->bytes, x->size);
}

static void mark_address(struct line_filter *f, const uint8_t *bytes, size_t size, unsigned bits)
{
	unsigned first = (unsigned)bytes[0] << 8 | bytes[1];
	unsigned last = bits >= 16 ? first : first | (0xffffu >> bits);
	uint64_t *set = size == 4 ? f->address4 : f->address6;
	for (unsigned k = first; k <= last; k++)
		set[k / 64] |= UINT64_C(1) << (k % 64);
	f->has_address4 |= size == 4;
	f->has_address6 |= size == 16;
}

static void add_host(struct line_filter *f, struct view host)
{
	struct dname name;
	uint8_t wire[NAME_END_SIZE + DNAME_SIZE_MAX] = {0};
	struct address address;
	if (address_parse(host, &address) == OK) {
		f->host_addresses[f->host_address_count++] = address;
		mark_address(f, address.bytes, address.size, 128);
		return;
	}
	if (url_host_name(host, &name) < 0) {
		f->takes_all = true;
		return;
	}
	memcpy(wire + NAME_END_SIZE, name.bytes, name.size);
	if (!line_filter_is_large(f))
		add_name(f, view_of(wire + NAME_END_SIZE, name.size - 1u));
	f->hosts[f->host_count++] = name;
}

static void add_urls(struct line_filter *f)
{
	const struct policy *p = f->policy;
	for (uint32_t i = 0; i < p->identifier_count; i++) {
		const struct image_identifier *id = &p->identifiers[i];
		struct view value = view_text(policy_text(p, id->value));
		if (identifier_kinds[id->kind].group != GROUP_URL || id->match == MATCH_REGEX)
			continue;
		if (id->match == MATCH_CONTAINS)
			f->takes_all = true;
		else
			add_host(f, url_host(value));
	}
	qsort(f->hosts, f->host_count, sizeof(*f->hosts), compare_names);
}

static void add_addresses(struct line_filter *f)
{
	const struct address_index *index = &f->policy->destinations;
	for (uint64_t i = 0; i < (uint64_t)index->count4 + index->count6; i++) {
		uint8_t bytes[16];
		unsigned bits;
		size_t size = address_index_at(index, (uint32_t)i, bytes, &bits);
		mark_address(f, bytes, size, bits);
	}
	for (unsigned group = 0; group < 0x1000; group += 64)
		f->is_low_address6 |= f->address6[group / 64] != 0;
}

static size_t count_urls(const struct policy *p)
{
	size_t count = 0;
	for (uint32_t i = 0; i < p->identifier_count; i++)
		count += identifier_kinds[p->identifiers[i].kind].group == GROUP_URL;
	return count;
}

static int make_room(struct line_filter *f, size_t urls)
{
	size_t names = (size_t)f->policy->names.names + urls;
	f->hosts = calloc(urls + 1, sizeof(*f->hosts));
	f->host_addresses = calloc(urls + 1, sizeof(*f->host_addresses));
	f->address4 = calloc(LINE_ADDRESS_WORDS, sizeof(*f->address4));
	f->address6 = calloc(LINE_ADDRESS_WORDS, sizeof(*f->address6));
	int code = line_tails_init(&f->tails, line_filter_is_large(f) ? 0 : names, true,
	                           f->policy->names.secret);
	return f->hosts && f->host_addresses && f->address4 && f->address6 ? code : -ENOMEM;
}

static int fill(struct line_filter *f)
{
	struct view name;
	for (size_t at = 0;
	     !line_filter_is_large(f) && name_index_next(&f->policy->names, &at, &name);)
		add_name(f, name);
	add_urls(f);
	add_addresses(f);
	f->takes_all |= f->with & NAME_STEMS_ROOT;
	return line_filter_add_addresses4(f);
}

int line_filter_new(const struct policy *policy, struct line_filter **ret)
{
	struct line_filter *f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->policy = policy;
	f->with = policy->stems.with;
	int code = make_room(f, count_urls(policy));
	if (code == OK)
		code = fill(f);
	if (code < 0) {
		line_filter_free(f);
		return code;
	}
	*ret = f;
	return OK;
}

void line_filter_free(struct line_filter *f)
{
	if (!f)
		return;
	line_tails_done(&f->tails);
	line_tails_done(&f->address4_tails);
	free(f->hosts);
	free(f->host_addresses);
	free(f->address4);
	free(f->address6);
	free(f);
}

/* The host itself, or what stands below the end of one with parts that vary. */
static bool is_host_of_url(const struct line_filter *f, const struct dname *name)
{
	struct dname end = *name;
	while (end.labels >= 2) {
		if (bsearch(&end, f->hosts, f->host_count, sizeof(*f->hosts), compare_names))
			return true;
		unsigned cut = end.bytes[0] + 1u;
		end.size = (uint8_t)(end.size - cut);
		end.labels--;
		memmove(end.bytes, end.bytes + cut, end.size);
	}
	return false;
}

/* Behind the last empty label: what is before it belongs to no name. */
static struct view without_empty(struct view text)
{
	for (size_t i = text.size; i > 1; i--) {
		if (text.bytes[i - 1] == '.' && text.bytes[i - 2] == '.' && i < text.size)
			return view_skip(text, i);
	}
	return text.size && text.bytes[0] == '.' ? view_skip(text, 1) : text;
}

bool line_filter_has_name(const struct line_filter *f, struct view text)
{
	struct dname name;
	struct name_match match;
	while (text.size && text.bytes[text.size - 1] == '.')
		text.size--;
	text = without_empty(text);
	if (dname_parse_text(text, &name) < 0)
		return false;
	return name_index_find(&f->policy->names, &name, &match, 1) > 0 || is_host_of_url(f, &name);
}

bool line_filter_has_address(const struct line_filter *f, const struct address *a)
{
	struct address_match match;
	unsigned first = (unsigned)a->bytes[0] << 8 | a->bytes[1];
	const uint64_t *set = a->size == 4 ? f->address4 : f->address6;
	if (!(set[first / 64] >> (first % 64) & 1))
		return false;
	for (size_t i = 0; i < f->host_address_count; i++) {
		if (address_equal(&f->host_addresses[i], a))
			return true;
	}
	return address_index_find(&f->policy->destinations, a->bytes, a->size, &match, 1) > 0;
}
