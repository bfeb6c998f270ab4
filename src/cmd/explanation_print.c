#include "cmd/explanation_print.h"

#include <string.h>

#include "base/timestamp.h"
#include "cmd/table.h"

static void print_identifier(const struct policy *p, uint32_t identifier, FILE *out)
{
	const struct image_identifier *i = policy_identifier(p, identifier);
	const struct image_product *product = policy_product(p, i->product);
	fprintf(out, "  identifier  %s: %s %s (%s, %s, %s confidence)\n", policy_text(p, i->id),
	        identifier_kinds[i->kind].name, policy_text(p, i->value), match_names[i->match],
	        role_names[i->role], confidence_names[i->confidence]);
	fprintf(out, "              of %s, facets", policy_text(p, product->title));
	for (unsigned f = 0; f < FACET_COUNT; f++) {
		if (i->facets >> f & 1)
			fprintf(out, " %s", facet_names[f]);
	}
	fputc('\n', out);
	if (*policy_text(p, i->note))
		print_wrapped(out, 14, policy_text(p, i->note));
	if (i->is_canary)
		print_wrapped(
			out, 14,
			"A canary: a DNS gate says that it does not exist, but to who is exempt, "
			"unless dns.canaries is off.");
	print_wrapped(out, 14, policy_text(p, i->source));
}

static void print_windows(const struct policy *p, uint32_t first, uint32_t count, FILE *out)
{
	for (uint32_t i = 0; i < count; i++)
		fprintf(out, "  %-11s %s\n", i ? "" : "window",
		        policy_text(p, policy_window(p, first + i)->text));
}

/* A canary has its own. */
static const struct image_answer *answer_of(const struct policy *p, const struct verdict *v,
                                            uint32_t place)
{
	const struct image_identifier *i = policy_identifier(p, v->identifier);
	return i && i->is_canary ? NULL : policy_answer(p, v->rule, place);
}

/* What a gate answers instead; nothing when that is a matter of its settings. */
static void print_answer(const struct policy *p, const struct image_answer *a, FILE *out)
{
	char text[ADDRESS_TEXT_SIZE];
	if (!a)
		return;
	fprintf(out, "  answer     ");
	if (a->alias)
		fprintf(out, " %s", policy_text(p, a->alias));
	else if (!a->addresses_count)
		fprintf(out, " %s", block_form_names[a->form]);
	for (uint32_t i = 0; i < a->addresses_count; i++) {
		struct address address = policy_answer_address(p, a, i);
		fprintf(out, " %s", address_print(&address, text));
	}
	fputc('\n', out);
}

static void print_rule(const struct policy *p, const struct explanation_step *s, FILE *out)
{
	const struct image_rule *rule = policy_rule(p, s->rule);
	const struct image_order *order = policy_order(p, rule->order);
	const struct image_obligation *o = policy_obligation(p, rule->obligation);
	fprintf(out, "  order       %s: %s, %s\n", policy_text(p, order->id),
	        policy_text(p, order->title), policy_text(p, order->issuer));
	fprintf(out, "  obligation  %u. %s %s, %s\n", o->number, force_names[o->force],
	        verbs[o->verb].name,
	        *policy_text(p, o->clause) ? policy_text(p, o->clause) : "own rule");
	print_wrapped(out, 14, policy_text(p, o->text));
	print_wrapped(out, 14, policy_text(p, o->source));
	fprintf(out, "  adoption    %s%s\n", policy_text(p, rule->adoption),
	        rule->voluntary && *policy_text(p, o->clause)
	                ? " (the order does not bind this organisation)"
	                : "");
	print_windows(p, rule->windows_first, rule->windows_count, out);
	if (s->reason == REASON_CONDITIONAL && rule->condition) {
		fprintf(out, "  condition\n");
		print_wrapped(out, 14, policy_text(p, rule->condition));
	}
}

static void print_exemption(const struct policy *p, uint32_t exemption, FILE *out)
{
	const struct image_exemption *e = policy_exemption(p, exemption);
	char from[TIMESTAMP_TEXT_SIZE], until[TIMESTAMP_TEXT_SIZE];
	fprintf(out, "  exemption   %s, from %s until %s\n", policy_text(p, e->id),
	        timestamp_print(e->not_before_us, from), timestamp_print(e->not_after_us, until));
	print_windows(p, e->windows_first, e->windows_count, out);
	print_wrapped(out, 14, policy_text(p, e->reason));
	print_wrapped(out, 14, policy_text(p, e->approvals));
}

/* One line for every other obligation that took part. */
static void print_other(const struct policy *p, const struct explanation_step *s, FILE *out)
{
	const struct image_identifier *i = policy_identifier(p, s->identifier);
	if (s->rule == NONE) {
		fprintf(out, "  also        %s of %s: no adopted order governs the product\n",
		        policy_text(p, i->id),
		        policy_text(p, policy_product(p, i->product)->title));
		return;
	}
	const struct image_rule *rule = policy_rule(p, s->rule);
	const struct image_obligation *o = policy_obligation(p, rule->obligation);
	fprintf(out, "  also        %s, %u. %s %s, by %s: %s (%s)%s\n",
	        policy_text(p, policy_order(p, rule->order)->id), o->number, force_names[o->force],
	        verbs[o->verb].name, policy_text(p, i->id), verdict_action_names[s->action],
	        reason_name(s->reason), s->gives_way ? "; a more specific name decides" : "");
}

void explanation_print(const struct policy *p, const struct explanation *x, const char *what,
                       uint32_t place, FILE *out)
{
	const struct verdict *v = &x->verdict;
	fprintf(out, "%s: %s (%s)\n", what, verdict_action_names[v->action],
	        reason_name(v->reason));
	print_wrapped(out, 2, reason_text(v->reason));
	if (v->identifier != NONE)
		print_identifier(p, v->identifier, out);
	for (size_t i = 0; i < x->count; i++) {
		if (x->steps[i].decides && x->steps[i].rule != NONE)
			print_rule(p, &x->steps[i], out);
	}
	if (v->exemption != NONE)
		print_exemption(p, v->exemption, out);
	if (v->action == VERDICT_BLOCK)
		print_answer(p, answer_of(p, v, place), out);
	const char *alternatives = policy_text(p, policy_organisation(p)->alternatives);
	if (v->action == VERDICT_BLOCK && *alternatives) {
		fprintf(out, "  instead\n");
		print_wrapped(out, 14, alternatives);
	}
	for (size_t i = 0; i < x->count; i++) {
		bool is_said = x->steps[i].decides || (x->steps[i].rule == NONE &&
		                                       x->steps[i].identifier == v->identifier);
		if (!is_said)
			print_other(p, &x->steps[i], out);
	}
	if (x->dropped)
		fprintf(out, "  and %zu more steps\n", x->dropped);
}

static void json_lines(struct json_writer *j, const char *key, const char *text)
{
	struct view rest = view_text(text);
	json_array_begin(j, key);
	while (rest.size)
		json_view(j, NULL, view_split(&rest, '\n'));
	json_array_end(j);
}

static void json_identifier(const struct policy *p, uint32_t identifier, struct json_writer *j)
{
	const struct image_identifier *i = policy_identifier(p, identifier);
	json_object_begin(j, "identifier");
	json_text(j, "id", policy_text(p, i->id));
	json_text(j, "product", policy_text(p, policy_product(p, i->product)->id));
	json_text(j, "kind", identifier_kinds[i->kind].name);
	json_text(j, "value", policy_text(p, i->value));
	json_text(j, "match", match_names[i->match]);
	json_text(j, "role", role_names[i->role]);
	json_text(j, "confidence", confidence_names[i->confidence]);
	json_bool(j, "canary", i->is_canary);
	json_array_begin(j, "facets");
	for (unsigned f = 0; f < FACET_COUNT; f++) {
		if (i->facets >> f & 1)
			json_text(j, NULL, facet_names[f]);
	}
	json_array_end(j);
	json_lines(j, "sources", policy_text(p, i->source));
	json_object_end(j);
}

static void json_rule(const struct policy *p, uint32_t index, struct json_writer *j)
{
	const struct image_rule *rule = policy_rule(p, index);
	const struct image_order *order = policy_order(p, rule->order);
	const struct image_obligation *o = policy_obligation(p, rule->obligation);
	json_text(j, "order", policy_text(p, order->id));
	json_object_begin(j, "obligation");
	json_int(j, "id", o->number);
	json_text(j, "force", force_names[o->force]);
	json_text(j, "verb", verbs[o->verb].name);
	json_text(j, "text", policy_text(p, o->text));
	json_text(j, "clause", policy_text(p, o->clause));
	json_text(j, "source", policy_text(p, o->source));
	json_object_end(j);
	json_text(j, "adoption", policy_text(p, rule->adoption));
	json_bool(j, "voluntary", rule->voluntary);
	json_text(j, "condition", policy_text(p, rule->condition));
	json_array_begin(j, "windows");
	for (uint32_t i = 0; i < rule->windows_count; i++)
		json_text(j, NULL, policy_text(p, policy_window(p, rule->windows_first + i)->text));
	json_array_end(j);
}

static void json_answer(const struct policy *p, const struct image_answer *a, struct json_writer *j)
{
	char text[ADDRESS_TEXT_SIZE];
	json_object_begin(j, "answer");
	json_text(j, "form", a->alias ? "cname" : block_form_names[a->form]);
	json_text(j, "cname", policy_text(p, a->alias));
	json_array_begin(j, "addresses");
	for (uint32_t i = 0; i < a->addresses_count; i++) {
		struct address address = policy_answer_address(p, a, i);
		json_text(j, NULL, address_print(&address, text));
	}
	json_array_end(j);
	json_object_end(j);
}

static void json_step(const struct policy *p, const struct explanation_step *s,
                      struct json_writer *j)
{
	json_object_begin(j, NULL);
	json_text(j, "verdict", verdict_action_names[s->action]);
	json_text(j, "reason", reason_name(s->reason));
	json_identifier(p, s->identifier, j);
	if (s->rule != NONE)
		json_rule(p, s->rule, j);
	if (s->exemption != NONE)
		json_text(j, "exemption", policy_text(p, policy_exemption(p, s->exemption)->id));
	json_bool(j, "decides", s->decides);
	json_bool(j, "gives_way", s->gives_way);
	json_object_end(j);
}

void explanation_json(const struct policy *p, const struct explanation *x, uint32_t place,
                      struct json_writer *j)
{
	const struct verdict *v = &x->verdict;
	const struct image_answer *answer = answer_of(p, v, place);
	json_text(j, "verdict", verdict_action_names[v->action]);
	json_text(j, "reason", reason_name(v->reason));
	json_text(j, "reason_text", reason_text(v->reason));
	if (v->identifier != NONE)
		json_identifier(p, v->identifier, j);
	if (v->rule != NONE)
		json_rule(p, v->rule, j);
	if (v->exemption != NONE)
		json_text(j, "exemption", policy_text(p, policy_exemption(p, v->exemption)->id));
	if (v->action == VERDICT_BLOCK && answer)
		json_answer(p, answer, j);
	json_lines(j, "alternatives",
	           v->action == VERDICT_BLOCK ? policy_text(p, policy_organisation(p)->alternatives)
	                                      : "");
	json_array_begin(j, "steps");
	for (size_t i = 0; i < x->count; i++)
		json_step(p, &x->steps[i], j);
	json_array_end(j);
}
