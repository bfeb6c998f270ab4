#include "policy/contact.h"

#include <string.h>

static bool is_one_of(uint8_t c, const char *set)
{
	return c && strchr(set, c);
}

static bool is_alphanumeric(uint8_t c)
{
	return view_is_digit(c) || view_is_letter(c);
}

/* The next word, without the signs that sentences put around it. */
static struct view take_word(struct view *text)
{
	while (text->size && (is_one_of(text->bytes[0], " \t<([\"'")))
		*text = view_skip(*text, 1);
	size_t size = 0;
	while (size < text->size && !is_one_of(text->bytes[size], " \t,>)]\"") &&
	       text->bytes[size] < 0x80)
		size++;
	struct view word = view_of(text->bytes, size);
	/* what ended it; a character that no address has goes as a whole, byte by byte */
	*text = view_skip(*text, size < text->size ? size + 1 : size);
	while (word.size && is_one_of(word.bytes[word.size - 1], ".;'"))
		word.size--;
	return word;
}

static bool is_domain(struct view v)
{
	bool at_start = true, has_dot = false;
	for (size_t i = 0; i < v.size; i++) {
		uint8_t c = v.bytes[i];
		bool is_middle = c == '-' || c == '.';
		if (!is_alphanumeric(c) && (!is_middle || at_start))
			return false;
		has_dot |= c == '.';
		at_start = is_middle;
	}
	return v.size && !at_start && has_dot;
}

static bool is_mail_address(struct view v)
{
	size_t at = 0;
	while (at < v.size && (is_alphanumeric(v.bytes[at]) || is_one_of(v.bytes[at], "._+-")))
		at++;
	return at > 0 && at < v.size && v.bytes[at] == '@' && is_domain(view_skip(v, at + 1));
}

/* An address, and headers after `?` of which only the characters are looked at. */
static bool is_mail_rest(struct view v)
{
	size_t size = 0;
	while (size < v.size && v.bytes[size] != '?')
		size++;
	for (size_t i = size; i < v.size; i++) {
		uint8_t c = v.bytes[i];
		if (!is_alphanumeric(c) && !is_one_of(c, "-._~:/?@!$&'*+;=%"))
			return false;
	}
	return is_mail_address(view_of(v.bytes, size));
}

static bool is_telephone_rest(struct view v)
{
	size_t digits = 0;
	if (v.size == 0 || v.bytes[0] != '+')
		return false;
	for (size_t i = 1; i < v.size; i++) {
		digits += view_is_digit(v.bytes[i]);
		if (!view_is_digit(v.bytes[i]) && !is_one_of(v.bytes[i], "-."))
			return false;
	}
	return digits >= 3;
}

/* What follows the scheme, or nothing when it is another. */
static struct view after(struct view word, const char *scheme)
{
	struct view head = view_text(scheme);
	if (word.size < head.size || !view_equal(view_of(word.bytes, head.size), head))
		return (struct view){0};
	return view_skip(word, head.size);
}

int contact_next(struct view *text, struct contact *ret)
{
	while (text->size) {
		struct view word = take_word(text);
		struct view mail = after(word, "mailto:"), telephone = after(word, "tel:");
		if ((mail.bytes && !is_mail_rest(mail)) ||
		    (telephone.bytes && !is_telephone_rest(telephone)))
			return ERR_MALFORMED;
		bool is_plain = is_mail_address(word);
		if (!is_plain && !mail.bytes && !telephone.bytes)
			continue;
		*ret = (struct contact){word, is_plain, is_plain || mail.bytes};
		return 1;
	}
	return 0;
}
