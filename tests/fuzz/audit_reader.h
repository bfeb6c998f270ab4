/* audit_reader.h - what holds for the reader of every audited format, whatever it is given.
 *
 * The first byte says how large the blocks are; the rest is a source. Read at once or in blocks, it gives the same
 * counts and the same findings, and no more was not understood than there was. */
#pragma once

#include <stdlib.h>

#include "audit/reader.h"
#include "policy/compile.h"
#include "tests/fuzz/check.h"

static const char audit_product[] =
	"product: seek\ntitle: Seek\nvendor: Seek Ltd\ncollected: 2026-01-01\n"
	"sources:\n  - {id: s1, note: A note.}\n"
	"identifiers:\n"
	"  - {id: name, facets: [web], kind: domain, value: seek.example, match: suffix, role: dedicated, "
	"confidence: high, sources: [s1]}\n"
	"  - {id: address, facets: [web], kind: address, value: 192.0.2.0/24, role: shared, confidence: high, "
	"sources: [s1]}\n"
	"  - {id: own-address, facets: [web], kind: address, value: 203.0.113.200, role: dedicated, confidence: high, "
	"sources: [s1]}\n";
static const char audit_order[] =
	"order: ban\ntitle: A ban\nissuer: An issuer\njurisdiction: XA\nnumber: unknown\nlegal_basis: A law\n"
	"type: order\nannounced: 2026-01-01\neffective: 2026-01-02\nstatus: in-force\nproducts: [seek]\n"
	"scope:\n  - {facet: web, position: covered}\n"
	"obligations:\n"
	"  - {id: 1, verb: prevent-use, text: Do not., clause: '1', force: must, binds: [central-agency], "
	"deadline: unknown, source: s1}\n"
	"exemption:\n  available: unknown\n"
	"sources:\n  - {id: s1, kind: official, note: A note.}\nconfidence: high\n";
static const char audit_organisation[] =
	"organisation: body\nname: A body\njurisdiction: XA\nclasses: [central-agency]\n"
	"contact: it@body.example\nnetworks:\n  - {prefix: 10.0.0.0/8}\nadoptions:\n  - {order: ban}\n";

static const struct policy *audit_policy(void)
{
	static struct arena arena;
	static struct product product;
	static struct order order;
	static struct organisation organisation;
	static struct buffer image;
	static struct policy policy;
	struct problems problems = {0}, warnings = {0};
	struct policy_counts counts;
	if (policy.header)
		return &policy;
	CHECK(product_read("p", view_text(audit_product), &arena, &problems, &product) == OK);
	CHECK(order_read("o", view_text(audit_order), &arena, &problems, &order) == OK);
	CHECK(organisation_read("b", view_text(audit_organisation), &arena, &problems,
	                        &organisation) == OK);
	struct policy_sources sources = {.products = &product,
	                                 .product_count = 1,
	                                 .orders = &order,
	                                 .order_count = 1,
	                                 .organisation = &organisation};
	CHECK(policy_compile(&sources, &image, &counts, &warnings, &problems) == OK);
	CHECK(policy_open(buffer_view(&image), &policy) == OK);
	problems_done(&problems);
	problems_done(&warnings);
	return &policy;
}

struct audit_outcome {
	struct findings_source coverage;
	struct findings *findings;
	char example[FINDING_EXAMPLE_SIZE];
};

/* The format that is given rather than found, if there is one. */
static const struct audit_format *audit_given_format;

static void audit_read_all(const struct audit_format *format, struct view source, size_t block,
                           struct audit_outcome *ret)
{
	void *reader = NULL;
	ret->coverage = findings_source_none();
	CHECK(findings_new(audit_policy(), 1000, &ret->findings) == OK);
	struct audit_context context = {.policy = audit_policy(),
	                                .findings = ret->findings,
	                                .coverage = &ret->coverage,
	                                .example = ret->example,
	                                .format = audit_given_format};
	struct view first = source;
	if (first.size > AUDIT_PROBE_SIZE)
		first.size = AUDIT_PROBE_SIZE;
	(void)format->probe(first);
	if (format->open(&context, first, &reader) < 0)
		return;
	int code = OK;
	while (code == OK && source.size) {
		size_t size = source.size < block ? source.size : block;
		/* a copy of its own, so that nothing is read beside it or kept */
		uint8_t *copy = malloc(size);
		CHECK(copy);
		memcpy(copy, source.bytes, size);
		code = format->read(reader, view_of(copy, size));
		free(copy);
		source = view_skip(source, size);
	}
	if (code == OK)
		code = format->finish(reader);
	CHECK(code <= 0);
	format->close(reader);
}

static inline int fuzz_audit_reader(const struct audit_format *format, const uint8_t *bytes,
                                    size_t size)
{
	static struct audit_outcome whole, cut;
	if (size == 0)
		return 0;
	struct view source = view_of(bytes + 1, size - 1);
	audit_read_all(format, source, SIZE_MAX, &whole);
	audit_read_all(format, source, (size_t)bytes[0] + 1, &cut);
	CHECK(whole.coverage.items == cut.coverage.items);
	CHECK(whole.coverage.not_understood == cut.coverage.not_understood);
	CHECK(whole.coverage.not_understood <= whole.coverage.items);
	CHECK(whole.coverage.first_us == cut.coverage.first_us);
	CHECK(whole.coverage.last_us == cut.coverage.last_us);
	CHECK(findings_count(whole.findings) == findings_count(cut.findings));
	findings_sort(whole.findings);
	findings_sort(cut.findings);
	for (size_t i = 0; i < findings_count(whole.findings); i++) {
		const struct finding *a = findings_at(whole.findings, i),
				     *b = findings_at(cut.findings, i);
		CHECK(a->is_indirect == b->is_indirect);
		CHECK(a->count == b->count && a->at == b->at && view_equal(a->what, b->what));
		CHECK(a->at <= whole.coverage.items);
	}
	findings_free(whole.findings);
	findings_free(cut.findings);
	return 0;
}

/* The row of that name. */
static inline const struct audit_format *audit_format_named(const char *name)
{
	for (const struct audit_format *f = audit_formats; f->name; f++) {
		if (strcmp(f->name, name) == 0)
			return f;
	}
	CHECK(false);
}
