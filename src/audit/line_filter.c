#include "audit/line_filter.h"

#include <errno.h>
#include <stdlib.h>

enum {
	BITS_PER_NAME = 16,
	WORDS_MIN = 512,
	SMALL_MAX = 1 << 14,
	SHORTS_LOG = 16,
	PENDING = 32,
};

/* Hashes whose words are on their way from memory. */
struct pending {
	uint64_t hashes[PENDING];
	size_t count;
};

static void put_pending(struct line_filter *f, struct pending *p)
{
	for (size_t i = 0; i < p->count; i++) {
		uint64_t hash = p->hashes[i];
		f->words[line_filter_word(f, hash) - f->words] |= line_filter_bits(hash);
	}
	p->count = 0;
}

static void put(struct line_filter *f, const uint64_t key[2], size_t size, struct pending *p)
{
	uint64_t hash = line_filter_hash_end(f, key, size);
	__builtin_prefetch(line_filter_word(f, hash), 1);
	p->hashes[p->count++] = hash;
	if (p->count == PENDING)
		put_pending(f, p);
}

/* A dot in place of the length byte that is so many bytes before the end. */
static void put_dot(uint64_t key[2], uint8_t length, size_t before)
{
	if (before > LINE_KEY_SIZE)
		return;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	size_t shift = (8 - (before - 1) % 8 - 1) * 8;
#else
	size_t shift = (before - 1) % 8 * 8;
#endif
	key[before <= 8] ^= (uint64_t)(length ^ '.') << shift;
}

/* Where the lengths of the last labels are; no more are asked for. */
struct labels {
	size_t count, last, second, third;
};

/* The key of a name, with all its dots. */
static struct labels find_labels(struct view wire, uint64_t key[2])
{
	struct labels l = {0};
	const uint8_t *b = wire.bytes;
	memcpy(key, b + wire.size - LINE_KEY_SIZE, LINE_KEY_SIZE);
	for (size_t at = 0; at < wire.size; l.count++) {
		l.third = l.second;
		l.second = l.last;
		l.last = at;
		if (at)
			put_dot(key, b[at], wire.size - at);
		at += b[at] + 1u;
	}
	key[0] |= UINT64_C(0x2020202020202020);
	key[1] |= UINT64_C(0x2020202020202020);
	return l;
}

static void put_labels(struct line_filter *f, struct view wire, const uint64_t key[2],
                       struct labels l, struct pending *p)
{
	bool has_third = wire.size - l.second - 1 <= LINE_SHORT_MAX && l.count > 2;
	size_t size = wire.size - (has_third ? l.third : l.second) - 1;
	put(f, key, size, p);
	if (l.count == 2 && size <= LINE_SHORT_MAX) {
		uint64_t at = line_filter_short(f, key[1], (unsigned)size);
		f->shorts[at / 64] |= UINT64_C(1) << (at % 64);
	}
}

/* `wire`: a name in wire form without its root label; NAME_INDEX_BEFORE bytes before it are there, whatever they are. */
static void add_name(struct line_filter *f, struct view wire, struct pending *p)
{
	uint64_t key[2];
	if (wire.size == 0 || wire.size >= DNAME_SIZE_MAX) {
		f->takes_all |= wire.size == 0;
		return;
	}
	struct labels l = find_labels(wire, key);
	if (f->is_large)
		put_labels(f, wire, key, l, p);
	else
		line_tails_add(&f->tails, line_tail_of(key), wire.size - 1);
	uint8_t first = l.last + 1 < wire.size ? wire.bytes[l.last + 1] | 0x20 : 0;
	f->has_strange |= first < 'a' || first > 'z';
	f->has_single |= l.count == 1;
}

static int compare_names(const void *a, const void *b)
{
	const struct dname *x = a, *y = b;
	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return memcmp(x->bytes, y->bytes, x->size);
}

static struct view host_of_url(struct view url)
{
	const uint8_t *scheme = memmem(url.bytes, url.size, "://", 3);
	if (scheme)
		url = view_skip(url, (size_t)(scheme - url.bytes) + 3);
	const uint8_t *close = url.size ? memchr(url.bytes, ']', url.size) : NULL;
	if (close && url.bytes[0] == '[')
		return view_of(url.bytes + 1, (size_t)(close - url.bytes) - 1);
	size_t size = 0;
	while (size < url.size && !strchr("/:?#", url.bytes[size]))
		size++;
	return view_of(url.bytes, size);
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

/* A host with {parts} that vary is known by what follows them. */
static void add_host(struct line_filter *f, struct view host, struct pending *pending)
{
	struct dname name;
	uint8_t wire[NAME_INDEX_BEFORE + DNAME_SIZE_MAX] = {0};
	struct address address;
	if (address_parse(host, &address) == OK) {
		f->host_addresses[f->host_address_count++] = address;
		mark_address(f, address.bytes, address.size, 128);
		return;
	}
	const uint8_t *brace = memrchr(host.bytes, '}', host.size);
	if (brace)
		host = view_skip(host, (size_t)(brace - host.bytes) + 1);
	while (host.size && host.bytes[0] == '.')
		host = view_skip(host, 1);
	if (dname_parse_text(host, &name) < 0 || name.labels < 2) {
		f->takes_all = true;
		return;
	}
	memcpy(wire + NAME_INDEX_BEFORE, name.bytes, name.size);
	add_name(f, view_of(wire + NAME_INDEX_BEFORE, name.size - 1u), pending);
	f->hosts[f->host_count++] = name;
}

static void add_urls(struct line_filter *f, struct pending *pending)
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
			add_host(f, host_of_url(value), pending);
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
	uint64_t names = (uint64_t)f->policy->names.names + urls;
	uint64_t words = f->is_large ? names * BITS_PER_NAME / 64 : 0;
	f->word_count = words > UINT32_MAX ? UINT32_MAX : (uint32_t)words + WORDS_MIN;
	f->shorts_log = SHORTS_LOG;
	f->words = calloc(f->word_count, sizeof(*f->words));
	f->shorts = calloc((size_t)1 << (f->shorts_log - 6), sizeof(*f->shorts));
	f->hosts = calloc(urls + 1, sizeof(*f->hosts));
	f->host_addresses = calloc(urls + 1, sizeof(*f->host_addresses));
	f->address4 = calloc(LINE_ADDRESS_WORDS, sizeof(*f->address4));
	f->address6 = calloc(LINE_ADDRESS_WORDS, sizeof(*f->address6));
	int code = line_tails_init(&f->tails, f->is_large ? 0 : (size_t)names, true,
	                           f->policy->names.secret);
	return f->words && f->shorts && f->hosts && f->host_addresses && f->address4 && f->address6
	               ? code
	               : -ENOMEM;
}

static int fill(struct line_filter *f)
{
	struct view name;
	struct pending pending = {.count = 0};
	for (size_t at = 0; name_index_next(&f->policy->names, &at, &name);)
		add_name(f, name, &pending);
	add_urls(f, &pending);
	put_pending(f, &pending);
	add_addresses(f);
	return line_filter_add_addresses4(f);
}

int line_filter_new(const struct policy *policy, struct line_filter **ret)
{
	struct line_filter *f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->policy = policy;
	f->is_large = policy->names.names > SMALL_MAX;
	memcpy(f->secret, policy->names.secret, sizeof(f->secret));
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
	free(f->words);
	free(f->shorts);
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
