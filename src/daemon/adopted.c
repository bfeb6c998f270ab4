#include "daemon/adopted.h"

#include <errno.h>
#include <malloc.h>

#include "policy/sign.h"
#include "record/note.h"
#include "source/file.h"
#include "source/policy_source.h"

enum { IMAGE_MODE = 0644 };
static const char image_name[] = "writ-policy"; /* in /proc */

static const char *why_not(int code)
{
	switch (code) {
	case ERR_TRUNCATED: return "it is shorter than it says";
	case ERR_MALFORMED: return "it is no policy image";
	case ERR_VERSION: return "another version of Writ made it";
	case ERR_CHECKSUM: return "its bytes were altered after it was made";
	case ERR_SIGNATURE: return "it is not signed by the key in the settings";
	default: return err_text(code);
	}
}

static int check_key(const struct writ_options *o, struct view image, struct problems *p)
{
	struct note_verifier verifier;
	int code = note_verifier_parse(view_text(o->policy.key), &verifier);
	if (code == OK)
		return policy_verify(image, verifier.key);
	struct config_place at = config_place_of(&writ_options_schema, o, "policy");
	problem_add(p, at.file, at.line, at.column,
	            "policy key: not a public key, expected name+hash+base64");
	return code;
}

/* Takes over the image, whatever comes of it: checks it and opens the policy in it. */
static int take_image(const struct writ_options *o, struct memory image, struct problems *p,
                      struct adopted *ret)
{
	struct adopted a = {.image = image};
	int code = policy_open(memory_view(&a.image), &a.policy);
	if (code == OK && o->policy.key && !o->organisation)
		code = check_key(o, memory_view(&a.image), p);
	if (code < 0) {
		adopted_done(&a);
		return code;
	}
	*ret = a;
	return OK;
}

static int load(const struct writ_options *o, struct problems *p, struct adopted *ret)
{
	struct memory image;
	int code = memory_read_file(image_name, o->policy.image, FILE_SIZE_MAX, &image);
	if (code == OK)
		code = take_image(o, image, p, ret);
	if (code < 0)
		problem_add(p, o->policy.image, 0, 0, "cannot use the policy image: %s",
		            why_not(code));
	return code;
}

static int compile(const struct adoption_request *request, struct problems *warnings,
                   struct problems *p, struct adopted *ret)
{
	const struct writ_options *o = request->options;
	struct policy_result made = {0};
	struct adopted a = ADOPTED_NONE;
	const struct policy_source from = {.catalogue = o->catalogue,
	                                   .organisation = o->organisation,
	                                   .lists = o->daemon.lists_directory,
	                                   .take_offers = request->take_offers,
	                                   .lists_before = request->lists_before};
	int code = policy_source_compile(&from, &made, warnings, p);
	if (code == OK) {
		struct memory image;
		code = memory_copy(image_name, buffer_view(&made.image), &image);
		if (code == OK)
			code = take_image(o, image, p, &a);
		if (code == OK)
			code = file_replace(o->policy.image, buffer_view(&made.image), IMAGE_MODE);
		if (code < 0)
			problem_add(p, o->policy.image, 0, 0, "cannot write the policy image: %s",
			            err_text(code));
	}
	a.lists = made.lists;
	made.lists = (struct list_set){0};
	policy_result_done(&made);
	(void)malloc_trim(
		0); /* the parent lives on long after what a million names took to compile */
	if (code < 0)
		adopted_done(&a);
	else
		*ret = a;
	return code;
}

int adopted_make(const struct adoption_request *request, struct problems *warnings,
                 struct problems *p, struct adopted *ret)
{
	int code = request->options->organisation ? compile(request, warnings, p, ret)
	                                          : load(request->options, p, ret);
	if (code == OK)
		ret->at_us = request->now_us;
	return code;
}

void adopted_done(struct adopted *a)
{
	memory_close(&a->image);
	list_set_done(&a->lists);
	*a = ADOPTED_NONE;
}

enum exit_status adopted_status(int code)
{
	switch (code) {
	case ERR_TRUNCATED:
	case ERR_MALFORMED:
	case ERR_VERSION:
	case ERR_CHECKSUM:
	case ERR_SIGNATURE: return EXIT_STATUS_POLICY;
	default: return exit_status_of(code);
	}
}

void adopted_orders(const struct adopted *a, int64_t now_us,
                    void (*each)(void *context, const struct adopted_order *order), void *context)
{
	const struct policy *p = &a->policy;
	for (uint32_t i = 0; i < p->order_count; i++) {
		struct adopted_order found = {.action = VERDICT_ALLOW};
		for (uint32_t k = 0; k < p->rule_count; k++) {
			const struct image_rule *rule = policy_rule(p, k);
			if (rule->order != i)
				continue;
			found.order = policy_order(p, i);
			if (now_us < rule->from_us || now_us >= rule->until_us)
				continue;
			found.in_force = true;
			if (rule->action > found.action)
				found.action = (enum verdict_action)rule->action;
		}
		if (found.order)
			each(context, &found);
	}
}

struct summary {
	const struct policy *policy;
	struct buffer out;
};

static void add_order(void *context, const struct adopted_order *order)
{
	struct summary *s = context;
	buffer_add_text(&s->out, s->out.size ? ", " : "adopts ");
	buffer_add_text(&s->out, policy_text(s->policy, order->order->id));
}

const char *adopted_summary(const struct adopted *a, char text[static ADOPTED_SUMMARY_SIZE])
{
	struct summary s = {.policy = &a->policy};
	adopted_orders(a, a->at_us, add_order, &s);
	(void)snprintf(text, ADOPTED_SUMMARY_SIZE, VIEW_FMT,
	               VIEW_ARG(s.out.size ? buffer_view(&s.out) : view_text("adopts no order")));
	buffer_done(&s.out);
	return text;
}
