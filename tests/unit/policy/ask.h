/* ask.h - asks a policy everything that can be asked, and reads every row and text that it answers with;
 * for images that nobody may trust. The sanitizers judge. */
#pragma once

#include <assert.h>
#include <string.h>

#include "base/hash.h"
#include "base/timestamp.h"
#include "policy/explain.h"
#include "policy/image_builder.h"

static void ask_fix_checksum(void *image, size_t size)
{
	uint64_t sum = hash_view(image_content(image, size), 0);
	memcpy((char *)image + offsetof(struct image_header, checksum), &sum, sizeof(sum));
}

static size_t ask_text(const struct policy *p, uint32_t text)
{
	return strlen(policy_text(p, text));
}

static void ask_rows(const struct policy *p)
{
	size_t size = 0;
	const struct image_organisation *org = policy_organisation(p);
	size += ask_text(p, org->name) + ask_text(p, org->contact) +
	        ask_text(p, org->alternatives) + ask_text(p, org->language);
	for (uint32_t i = 0; policy_unit(p, i); i++)
		size += ask_text(p, policy_unit(p, i)->name);
	for (uint32_t i = 0; policy_place(p, i); i++)
		size += ask_text(p, policy_unit(p, policy_place(p, i)->unit)->id);
	for (uint32_t i = 0; policy_product(p, i); i++)
		size += ask_text(p, policy_product(p, i)->title);
	for (uint32_t i = 0; policy_window(p, i); i++)
		size += ask_text(p, policy_window(p, i)->text);
	for (uint32_t i = 0; policy_exemption(p, i); i++)
		size += ask_text(p, policy_exemption(p, i)->approvals);
	assert(size < SIZE_MAX);
}

static void ask_step(const struct policy *p, const struct explanation_step *s)
{
	const struct image_identifier *i = policy_identifier(p, s->identifier);
	size_t size = ask_text(p, i->value) + ask_text(p, i->source) + ask_text(p, i->note) +
	              strlen(identifier_kinds[i->kind].name) + strlen(role_names[i->role]) +
	              strlen(match_names[i->match]) + strlen(reason_name(s->reason)) +
	              strlen(verdict_action_names[s->action]);
	if (s->rule != NONE) {
		const struct image_rule *rule = policy_rule(p, s->rule);
		const struct image_obligation *o = policy_obligation(p, rule->obligation);
		const struct image_order *order = policy_order(p, rule->order);
		size += ask_text(p, order->title) + ask_text(p, order->source) +
		        ask_text(p, o->text) + ask_text(p, rule->condition) +
		        strlen(verbs[o->verb].name) + strlen(force_names[o->force]) +
		        strlen(order_status_names[order->status]);
	}
	if (s->exemption != NONE)
		size += ask_text(p, policy_exemption(p, s->exemption)->reason);
	assert(size < SIZE_MAX);
}

static void ask_answer(const struct policy *p, uint32_t rule, uint32_t place)
{
	const struct image_answer *a = policy_answer(p, rule, place);
	size_t size = 0;
	if (!a)
		return;
	size += ask_text(p, a->alias) + strlen(block_form_names[a->form]);
	for (uint32_t i = 0; i < a->addresses_count; i++)
		size += policy_answer_address(p, a, i).size;
	assert(size < SIZE_MAX);
}

static void ask(const struct policy *p, const struct facts *f)
{
	static struct explanation x;
	struct verdict v;
	policy_decide(p, f, &v);
	policy_explain(p, f, &x);
	assert(v.action == x.verdict.action && v.rule == x.verdict.rule);
	ask_answer(p, v.rule, f->place);
	for (size_t i = 0; i < x.count; i++)
		ask_step(p, &x.steps[i]);
}

static void ask_stems(const struct policy *p)
{
	static const uint8_t wire[NAME_END_SIZE + 13] = "0123456789abcdef\4chat\7example";
	struct name_end e;
	name_end_of(view_of(wire + NAME_END_SIZE, 13), &e);
	for (size_t size = 0; p->stems.words && size <= NAME_END_SIZE; size++)
		(void)(name_stems_may_have(&p->stems, name_stem_hash(&p->stems, e.bytes, size)) +
		       name_stems_may_have_short(&p->stems, e.bytes[1], size));
}

static void ask_everything(const struct policy *p)
{
	static const char *const names[] = {"chat.seek.example", "one.example", "other.example"};
	static const char *const clients[] = {"10.1.0.1", "10.2.0.1", "192.0.2.1", "2001:db8::1"};
	static const struct {
		enum kind_group group;
		const char *text;
	} texts[] = {{GROUP_MODEL, "seek/r1"},
	             {GROUP_APP, "com.seek"},
	             {GROUP_URL, "seek.example/api"},
	             {GROUP_FILE, "gguf-architecture=seek"},
	             {GROUP_PACKAGE, "npm/seek"}};
	static const int64_t times[] = {TIME_MIN, 1770422400000000 /* 2026-02-07 */, TIME_MAX};
	ask_rows(p);
	ask_stems(p);
	for (size_t i = 0; i < 12; i++) {
		struct dname name;
		struct facts f = {.at_us = times[i % 3], .name = &name};
		if (address_parse(view_text(clients[i / 3]), &f.client) < 0 ||
		    dname_parse_text(view_text(names[i / 4]), &name) < 0)
			assert(false);
		f.destination = f.client;
		f.group = texts[i % 5].group;
		f.text = view_text(texts[i % 5].text);
		f.place = i % 4 == 3 ? NONE : policy_place_of(p, &f.client);
		ask(p, &f);
		(void)policy_strips_ech(p, &name);
	}
}
