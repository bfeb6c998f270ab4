#include "policy/policy.h"

const char *const verdict_action_names[] = {"allow", "observe", "block", NULL};

/* One row a reason: what programs read, what people read. */
static const struct {
	const char *name, *text;
} reasons[REASON_COUNT] = {
	[REASON_UNLISTED] = {"unlisted", "Nothing in the catalogue matches."},
	[REASON_UNGOVERNED] = {"ungoverned", "No adopted order governs this product."},
	[REASON_PROHIBITED] = {"prohibited", "An order in force prohibits it."},
	[REASON_OBSERVE_MODE] =
		{"observe-mode",
                 "An order in force prohibits it, and this organisation only observes so far."},
	[REASON_PASSIVE] =
		{"passive",
                 "An order in force prohibits it; this gate sees a copy of the traffic and "
                 "cannot block."},
	[REASON_RECOMMENDED] = {"recommended",
                                "An order recommends to refrain; it does not prohibit."},
	[REASON_SILENT] = {"silent", "The order is silent on this way of using the product."},
	[REASON_CONDITIONAL] = {"conditional",
                                "The order leaves this way of using the product out, or allows it, "
                                "under a condition."},
	[REASON_LOOKALIKE] = {"lookalike", "It carries the product's name and is not the product."},
	[REASON_SUPPORTING] = {"supporting", "The mark says something only beside another one."},
	[REASON_LOW_CONFIDENCE] = {"low-confidence", "The mark is too uncertain to act on."},
	[REASON_SHARED] = {"shared",
                           "The mark serves others too, so it is never blocked by itself."},
	[REASON_EXEMPT] = {"exempt", "An exemption in force permits it."},
	[REASON_DECIDED] = {"decided",
                            "The order is silent here, and this organisation has decided."},
	[REASON_NOT_IN_FORCE] = {"not-in-force", "The order is not in force at that time."},
	[REASON_OUTSIDE_WINDOW] =
		{"outside-window",
                 "The rule holds at certain times only, and it is not one of them."},
	[REASON_NOT_BOUND] = {"not-bound",
                              "The order does not bind this organisation, unit or network."},
	[REASON_NOT_A_GATE] = {"not-a-gate",
                               "Nothing that the order demands here would be met by a block."},
};

const char *reason_name(enum reason reason)
{
	return (unsigned)reason < REASON_COUNT ? reasons[reason].name : "unknown";
}

const char *reason_text(enum reason reason)
{
	return (unsigned)reason < REASON_COUNT ? reasons[reason].text : "";
}
