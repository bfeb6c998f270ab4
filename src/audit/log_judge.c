#include "audit/log_judge.h"

#include "audit/coverage.h"
#include "audit/line_escape.h"
#include "finding/strength.h"
#include "wire/host_name.h"

enum { TEXT_MAX = 2048 };

/* What is asked for, in forms that the policy knows. */
struct asked {
	struct dname name;
	bool has_name;
	struct address destination; /* in place of a name */
	uint8_t host[512], url[TEXT_MAX];
	size_t host_size, url_size;
};

/* Host and path of a URL: the scheme and whoever is named in it are cut off, and what follows ? or #. */
static struct view cut_url(struct view url, struct view *ret_path)
{
	const uint8_t *scheme = memmem(url.bytes, url.size, "://", 3);
	size_t size = 0;
	if (scheme)
		url = view_skip(url, (size_t)(scheme - url.bytes) + 3);
	while (size < url.size && !strchr("/?#", url.bytes[size]))
		size++;
	struct view host = view_of(url.bytes, size);
	*ret_path = view_skip(url, size);
	size = 0;
	while (size < ret_path->size && !strchr("?#", ret_path->bytes[size]))
		size++;
	ret_path->size = size;
	const uint8_t *at = host.size ? memrchr(host.bytes, '@', host.size) : NULL;
	return at ? view_skip(host, (size_t)(at - host.bytes) + 1) : host;
}

static void take_host(struct asked *a, struct view host)
{
	a->host_size = line_escape_undo(host_name_of(host), true, false, a->host, sizeof(a->host));
	struct view name = view_of(a->host, a->host_size);
	if (name.size == 0)
		return;
	if (address_parse(name, &a->destination) == OK)
		return;
	a->has_name = dname_parse_text(name, &a->name) == OK;
}

static void take_url(struct asked *a, struct view host, struct view path)
{
	host = host_name_of(host);
	if (host.size + path.size > sizeof(a->url))
		path.size = host.size < sizeof(a->url) ? sizeof(a->url) - host.size : 0;
	if (host.size > sizeof(a->url))
		return;
	memcpy(a->url, host.bytes, host.size);
	if (path.size)
		memcpy(a->url + host.size, path.bytes, path.size);
	a->url_size = host.size + path.size;
}

static void take_destination(struct asked *a, struct view text)
{
	struct address address;
	if (!a->has_name && a->destination.size == 0 && log_address_parse(text, &address) == OK)
		a->destination = address;
}

static void understand(const struct log_record *r, struct asked *a)
{
	struct view host = r->host, path = r->path;
	a->has_name = false;
	a->destination.size = 0;
	a->url_size = a->host_size = 0;
	if (r->url.size) {
		struct view url_path, url_host = cut_url(r->url, &url_path);
		host = url_host.size ? url_host : host;
		path = url_host.size ? url_path : path;
	} else if (path.size) {
		(void)cut_url(path, &path);
	}
	if (host.size)
		take_host(a, host);
	if (host.size && path.size)
		take_url(a, host, path);
	take_destination(a, r->destination);
}

static bool is_same_product(const struct policy *p, const struct verdict *a,
                            const struct verdict *b)
{
	return policy_identifier(p, a->identifier)->product ==
	       policy_identifier(p, b->identifier)->product;
}

static bool proves_more(const struct policy *p, const struct verdict *a, const struct verdict *b)
{
	return finding_strength_by(p, a->identifier) > finding_strength_by(p, b->identifier);
}

/* By an address at most, that thousands of names may share. */
static bool proves_nothing(const struct policy *p, const struct verdict *v)
{
	return v->identifier == NONE ||
	       (identifier_kinds[policy_identifier(p, v->identifier)->kind].group ==
	                GROUP_ADDRESS &&
	        finding_strength_by(p, v->identifier) == FINDING_NOTHING);
}

static bool is_by_url(const struct policy *p, const struct verdict *v)
{
	const struct image_identifier *i = policy_identifier(p, v->identifier);
	return i && identifier_kinds[i->kind].group == GROUP_URL;
}

/* A name of the server's certificate. One that others share, too, does not say whose server was meant. */
static struct view decide_by_certificate(const struct audit_context *c, const struct log_record *r,
                                         const struct facts *facts, struct verdict *ret)
{
	struct dname name;
	struct facts named = {.at_us = facts->at_us,
	                      .place = facts->place,
	                      .client = facts->client,
	                      .name = &name};
	struct view best = {0};
	struct verdict verdict, best_verdict;
	if (!r->is_certificate || r->is_clients || r->has_more_aliases)
		return best;
	for (size_t i = 0; i < r->alias_count; i++) {
		if (dname_parse_text(r->aliases[i], &name) < 0)
			return (struct view){0};
		policy_decide(c->policy, &named, &verdict);
		if (verdict.identifier == NONE ||
		    (best.size && !is_same_product(c->policy, &verdict, &best_verdict)))
			return (struct view){0};
		if (best.size && !proves_more(c->policy, &verdict, &best_verdict))
			continue;
		best = r->aliases[i];
		best_verdict = verdict;
	}
	if (best.size)
		*ret = best_verdict;
	return best;
}

/* Whatever the name is: an address that only the product has says whose server it was. */
static bool decide_by_destination(const struct audit_context *c, const struct log_record *r,
                                  const struct facts *facts, struct address *ret_address,
                                  struct verdict *ret)
{
	struct facts met = {.at_us = facts->at_us, .place = facts->place, .client = facts->client};
	struct verdict verdict;
	if (r->is_answer || log_address_parse(r->destination, &met.destination) < 0)
		return false;
	policy_decide(c->policy, &met, &verdict);
	if (proves_nothing(c->policy, &verdict))
		return false;
	*ret_address = met.destination;
	*ret = verdict;
	return true;
}

/* A name that was asked for, or else one that the answer led to. */
static struct view decide(const struct audit_context *c, const struct log_record *r,
                          struct asked *a, struct facts *facts, struct verdict *ret)
{
	policy_decide(c->policy, facts, ret);
	if (ret->identifier != NONE && r->is_answer) {
		ret->identifier = NONE;
		return (struct view){0};
	}
	if (ret->identifier != NONE)
		return is_by_url(c->policy, ret) ? view_of(a->url, a->url_size)
		                                 : view_of(a->host, a->host_size);
	for (size_t i = 0; !r->is_certificate && i < r->alias_count; i++) {
		struct dname alias;
		if (dname_parse_text(r->aliases[i], &alias) < 0)
			continue;
		struct facts led = *facts;
		led.name = &alias;
		led.name_is_alias_target = true;
		policy_decide(c->policy, &led, ret);
		if (ret->identifier != NONE)
			return r->aliases[i];
	}
	return (struct view){0};
}

int log_judge(const struct audit_context *c, const struct log_record *r)
{
	struct asked asked;
	char text[ADDRESS_TEXT_SIZE];
	int64_t at_us = log_record_time(r);
	coverage_time(c, at_us);
	understand(r, &asked);
	struct sighting s = {.first_us = at_us,
	                     .last_us = at_us,
	                     .count = 1,
	                     .place = NONE,
	                     .user = r->user,
	                     .bytes_up = r->bytes_up,
	                     .bytes_down = r->bytes_down,
	                     .source = c->source,
	                     .at = c->coverage->items};
	if (log_address_parse(r->client, &s.client) == OK)
		s.place = policy_place_of(c->policy, &s.client);
	else if (r->user.size == 0)
		s.user = r->client; /* machines that a log knows by their name */
	struct facts facts = {.at_us = at_us == TIME_MIN ? c->now_us : at_us,
	                      .place = s.place,
	                      .client = s.client,
	                      .name = asked.has_name ? &asked.name : NULL,
	                      .destination = asked.destination,
	                      .group = GROUP_URL,
	                      .text = view_of(asked.url, asked.url_size)};
	s.what = decide(c, r, &asked, &facts, &s.verdict);
	if (r->is_certificate && proves_nothing(c->policy, &s.verdict)) {
		struct view name = decide_by_certificate(c, r, &facts, &s.verdict);
		s.is_indirect = name.size != 0;
		s.what = name.size ? name : s.what;
	}
	if (s.verdict.identifier == NONE && asked.has_name)
		(void)decide_by_destination(c, r, &facts, &asked.destination, &s.verdict);
	if (s.verdict.identifier == NONE)
		return OK;
	if (log_address_parse(r->destination, &s.destination) < 0)
		s.destination = asked.destination;
	if (s.what.size == 0)
		s.what = view_text(address_print(&asked.destination, text));
	return findings_add(c->findings, &s);
}
