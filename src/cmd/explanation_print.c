#include "cmd/explanation_print.h"

#include "base/plural.h"
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
		print_answer(p, explanation_answer(p, x, place), out);
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
		fprintf(out, "  and %zu more step%s\n", x->dropped, plural_s(x->dropped));
}
